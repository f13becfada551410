// Every answer has the shape that schema and selection promise: each selected key and no other, in order; values of their
// types; null only where the schema lets it be, and for a field that failed exactly at the nearest place that may be null.
// The selections are made from the schema, so that every field that can be read is read.
import {
  getNamedType, isAbstractType, isEnumType, isLeafType, isListType, isNonNullType, isObjectType, isRequiredArgument, parse, TypeInfo, visit, visitWithTypeInfo,
} from 'graphql';
import { getArgumentValues, getVariableValues } from 'graphql/execution/values.js';
import { ask, post, report, schema as published, serve, signedIn } from './lib.mjs';

const schema = published();
const server = await serve();
const { fail, pass, check, done } = report('shape');

const LEAF = {
  Int: (value) => Number.isInteger(value) && Math.abs(value) <= 2 ** 31,
  Float: (value) => typeof value === 'number',
  Boolean: (value) => typeof value === 'boolean',
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string' && value !== '',
  Date: (value) => /^\d{4}-\d\d-\d\d$/.test(value),
  DateTime: (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value),
};

/** Fields that came, as null and with a value. */
const [seen, filled] = [new Set(), new Set()];

/** What does not fit in an answer. */
function faults(query, variables, { status, body }) {
  if (!body || !('data' in body)) return [`status ${status}, not executed: ${body?.errors?.[0]?.message}`];
  const found = [];
  const document = parse(query);
  const operation = document.definitions.find((one) => one.kind === 'OperationDefinition');
  const fragments = new Map(document.definitions.filter((one) => one.kind === 'FragmentDefinition').map((one) => [one.name.value, one]));
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});

  const wanted = (node) => (node.directives ?? []).every(({ name }, at) => {
    const value = getArgumentValues(schema.getDirective(name.value), node.directives[at], coerced).if;
    return name.value === 'skip' ? !value : name.value === 'include' ? value : true;
  });
  const collect = (set, type, into) => {
    for (const node of set.selections.filter(wanted)) {
      if (node.kind === 'Field') {
        const key = (node.alias ?? node.name).value;
        into.set(key, [...(into.get(key) ?? []), node]);
        continue;
      }
      const fragment = node.kind === 'InlineFragment' ? node : fragments.get(node.name.value);
      const on = fragment.typeCondition ? schema.getType(fragment.typeCondition.name.value) : type;
      if (on === type || (isAbstractType(on) && schema.isSubType(on, type))) collect(fragment.selectionSet, type, into);
    }
    return into;
  };
  const value = (given, type, nodes, path) => {
    if (isNonNullType(type)) {
      if (given === null) return found.push(`${path.join('.')} is null in ${type}`);
      return inner(given, type.ofType, nodes, path);
    }
    return given === null ? undefined : inner(given, type, nodes, path);
  };
  const inner = (given, type, nodes, path) => {
    if (isListType(type)) {
      if (!Array.isArray(given)) return found.push(`${path.join('.')} is no list`);
      return given.forEach((one, at) => value(one, type.ofType, nodes, [...path, at]));
    }
    if (isLeafType(type)) {
      const fits = isEnumType(type) ? type.getValue(given) : (LEAF[type.name] ?? (() => true))(given);
      return fits ? undefined : found.push(`${path.join('.')}: ${JSON.stringify(given)} is no ${type}`);
    }
    return object(given, isAbstractType(type) ? schema.getType(given.__typename) : type, nodes, path);
  };
  const object = (given, type, nodes, path) => {
    const fields = nodes.reduce((all, node) => collect(node.selectionSet, type, all), new Map());
    const [have, want] = [Object.keys(given).join(), [...fields.keys()].join()];
    if (have !== want) found.push(`${path.join('.') || 'data'} has the keys ${have}, selected are ${want}`);
    for (const [key, list] of fields) {
      const name = list[0].name.value;
      if (name === '__typename') given[key] === type.name || found.push(`${path.join('.')} says it is ${given[key]}`);
      else if (!name.startsWith('__') && key in given) {
        (given[key] === null ? seen : filled).add(`${type.name}.${name}`);
        value(given[key], type.getFields()[name].type, list, [...path, key]);
      }
    }
  };

  if (body.data !== null) object(body.data, schema.getRootType(operation.operation), [operation], []);
  const at = (path) => path.reduce((here, key) => here?.[key], body.data);
  // The types along the path of an error, by the selection: what failed is not in the data.
  const nullable = nullablePrefix(document, operation);
  for (const error of body.errors ?? []) {
    if (!error.path) found.push(`an error of the execution without path: ${error.message}`);
    else {
      const place = nullable(error.path);
      if (place === null ? body.data !== null : at(place) !== null) found.push(`${error.path.join('.')} failed: null belongs at ${place?.join('.') ?? 'data'}, data is ${JSON.stringify(body.data).slice(0, 80)}`);
      else if (place?.length && at(place.slice(0, -1)) === undefined) found.push(`${place.join('.')} is missing`);
    }
  }
  if (body.data === null && !(body.errors ?? []).some((error) => error.path && nullable(error.path) === null)) found.push('data is null without a cause');
  if ('errors' in body && body.errors.length === 0) found.push('errors is there and empty');
  return found;
}

/** For the path of an error: its longest beginning that may be null; null if that is the whole data. */
function nullablePrefix(document) {
  const types = new Map();
  const info = new TypeInfo(schema);
  const keys = [];
  visit(document, visitWithTypeInfo(info, {
    Field: {
      enter(node) {
        keys.push((node.alias ?? node.name).value);
        types.set(keys.join('.'), info.getType());
      },
      leave() { keys.pop(); },
    },
  }));
  return (path) => {
    let best = null;
    path.forEach((_, end) => {
      const beginning = path.slice(0, end + 1);
      let type = types.get(beginning.filter((key) => typeof key === 'string').join('.'));
      // As many lists deep as there are numbers at the end.
      for (let back = end; typeof beginning[back] === 'number'; back -= 1) type = (isNonNullType(type) ? type.ofType : type).ofType;
      if (type && !isNonNullType(type)) best = beginning;
    });
    return best;
  };
}

/** A selection of all that needs no arguments, this many objects deep; values count for little. */
const price = (type) => (!isObjectType(type) || type.getInterfaces().some(({ name }) => name === 'Node') ? 1 : /Connection$|Edge$|^PageInfo$/.test(type.name) ? 0.5 : 0.4);
function selection(type, depth) {
  const fields = Object.values(type.getFields?.() ?? {}).filter((field) => !field.args.some(isRequiredArgument));
  const parts = ['__typename'];
  for (const field of fields) {
    const named = getNamedType(field.type);
    if (isLeafType(named)) parts.push(field.name);
    else if (depth > 0) parts.push(`${field.name}${field.args.some((one) => one.name === 'first') ? '(first: 2)' : ''} ${selection(named, depth - price(named))}`);
  }
  return `{ ${parts.join(' ')} }`;
}

async function judge(who, query, variables) {
  const answer = await post(server, { query, variables }, who.headers);
  const found = faults(query, variables, answer);
  if (found.length === 0) pass();
  else fail(`${who.name}: ${query.length > 300 ? `${query.slice(0, 300)} …` : query}`, [...new Set(found)].slice(0, 4).join('; '));
  return answer.body?.data;
}

/** Ids by type, from anything that was answered. */
function gather(data, into) {
  if (Array.isArray(data)) data.forEach((one) => gather(one, into));
  else if (data && typeof data === 'object') {
    if (data.__typename && typeof data.id === 'string') into.set(data.__typename, (into.get(data.__typename) ?? new Set()).add(data.id));
    Object.values(data).forEach((one) => gather(one, into));
  }
  return into;
}

const BROKEN = 'grp_no';
const HANDWRITTEN = [
  [`{ __typename node(id: "${BROKEN}") { id } }`], [`{ group(by: { id: "${BROKEN}" }) { id } viewer { isAdmin } }`], ['{ groups(first: 101) { totalCount } viewer { isAdmin } }'], ['{ viewer { isAdmin } groups(after: "no") { nodes { id } } }'],
  ['{ groups(first: 2) { nodes { id meetings(first: -1) { nodes { id } } } } }'], ['{ groups(first: 2) { nodes { id x: meetings(after: "no") { totalCount } name } } }'], ['{ followUps(first: 1) { nodes { isOverdue(asOf: "2019-07-14") } } }'],
  ['{ __typename @skip(if: true) viewer { isAdmin } }'], ['query ($no: Boolean = false) { a: __typename @include(if: $no) viewer { isAdmin seats @skip(if: $no) { role } } }'], ['query ($yes: Boolean = true) { groups(first: 1) @include(if: $yes) { totalCount } }'],
  ['{ ...A ...B } fragment A on Query { groups(first: 1) { nodes { id } } } fragment B on Query { groups(first: 1) { nodes { name } totalCount } }'], ['{ z: __typename a: viewer { isAdmin } m: __typename }'],
  ['{ groups(first: 1) { nodes { ... on Node { __typename id } ...G } } } fragment G on Group { g: name parent { ...H } } fragment H on Group { name }'], ['query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids: ['grp_00000000000070008000000000ffffff'] }],
  ['mutation { groupUpdate(input: { id: "grp_00000000000070008000000000ffffff", expectedVersion: 1 }) { group { id } userErrors { __typename code message field ... on ConflictError { currentVersion } } } }'],
  ['{ actionSummary(groupBy: [GROUP, STATUS, ORGANISATION]) { rows { group { id } organisation { id } status dueMonth counts { count } } } }'],
  ['{ viewer { account { id sessions { __typename id client method createdAt expiresAt lastUsedAt isCurrent hasSecondFactor } apiTokens { id } identities { id } } } }'],
  [`mutation { a: groupUpdate(input: { id: "${BROKEN}", expectedVersion: 1 }) { userErrors { __typename code } } b: __typename }`],
];

// What the example data lack.
const CWG = 'grp_00000000000070008000000000000102';
for (const [name, mutation, input] of [
  ['cash', 'serviceAccountCreate', { id: 'svc_01900000000070008000000000000001', name: 'Tableau de bord', group: CWG, seats: [{ group: CWG, role: 'OBSERVER' }] }],
  ['cash', 'apiTokenCreate', { account: 'svc_01900000000070008000000000000001', name: 'Tableau', scopes: ['READ'], groups: [CWG], expiresAt: new Date(Date.now() + 86_400_000).toISOString() }],
  ['cash', 'invitationCreate', { email: 'invitee@kafo.example', displayName: 'Invitée Exemple', group: CWG, role: 'REPRESENTATIVE', organisation: 'org_00000000000070008000000000000205' }],
  ['observer', 'membershipRequest', { group: 'grp_00000000000070008000000000000101', role: 'OBSERVER', note: 'Exemple' }],
  ['admin', 'breakGlassOpen', { group: CWG, reason: 'Plainte au sujet du compte rendu' }],
  ['operation', 'organisationUpdate', { id: 'org_00000000000070008000000000000205', expectedVersion: 1, identifiers: [{ scheme: 'IATI', value: 'XM-EX-1' }], externalReferences: [{ system: 'EXEMPLE', code: '1' }] }],
]) {
  const type = `${mutation[0].toUpperCase()}${mutation.slice(1)}`;
  const answer = await ask(server, `mutation ($input: ${type}Input!) { ${mutation}(input: $input) { userErrors { code field message } } }`, { input }, await signedIn(server, name));
  check(`${mutation}, so that there is one`, answer[mutation]?.userErrors.length === 0, JSON.stringify(answer));
}

for (const name of [null, 'member', 'coordinator', 'cash', 'admin']) {
  const who = { name: name ?? 'anonymous', headers: name ? await signedIn(server, name) : {} };
  const ids = new Map();
  for (const field of Object.values(schema.getQueryType().getFields())) {
    if (field.args.some(isRequiredArgument)) continue;
    const list = field.args.some((one) => one.name === 'first');
    gather(await judge(who, `{ ${field.name}${list ? '(first: 20)' : ''} ${selection(getNamedType(field.type), list ? 1.5 : 1)} }`), ids);
  }
  // What is asked for by its id.
  for (const field of Object.values(schema.getQueryType().getFields())) {
    const [required, ...more] = field.args.filter(isRequiredArgument);
    const [known] = ids.get(required?.name === 'by' ? getNamedType(field.type).name : 'Group') ?? [];
    if (!required || more.length || !known || !/^(by|group)$/.test(required.name)) continue;
    await judge(who, `{ ${field.name}(${required.name}: ${required.name === 'by' ? `{ id: "${known}" }` : `"${known}"`}) ${selection(getNamedType(field.type), 0.5)} }`);
  }
  for (const type of schema.getPossibleTypes(schema.getType('Node'))) {
    const known = [...(ids.get(type.name) ?? [])].slice(0, 3);
    if (known.length) await judge(who, `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on ${type.name} ${selection(type, 1)} } }`, { ids: known });
  }
  for (const [query, variables] of HANDWRITTEN) await judge(who, query, variables);
}

/** Every field that can be read from `Query`. */
function readable(type, into = new Set()) {
  for (const field of Object.values(type.getFields?.() ?? {})) {
    if (into.has(`${type.name}.${field.name}`)) continue;
    into.add(`${type.name}.${field.name}`);
    const named = getNamedType(field.type);
    for (const one of isAbstractType(named) ? schema.getPossibleTypes(named) : [named]) readable(one, into);
  }
  return into;
}
const all = readable(schema.getQueryType());
const came = [...all].filter((field) => seen.has(field) || filled.has(field));
const missed = [...all].filter((field) => !came.includes(field));
if (process.argv.includes('--missed')) console.log(missed.join('\n'));
check('nearly all fields that can be read have been', came.length >= all.size * 0.94, `${came.length} of ${all.size}; not: ${missed.slice(0, 40).join(' ')}`);
await done(`${came.length} of ${all.size} fields came, ${filled.size} with a value`, server);
