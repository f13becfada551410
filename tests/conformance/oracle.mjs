// graphql-js as oracle: for each document, does Kafo accept or refuse, and at the same stage? The stages of a refusal are
// told apart by `extensions.code`, and by there being no `data`: a request that is refused has executed nothing.
import { getOperationAST, GraphQLError, Kind, parse, validate } from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';
import { documents } from './documents.mjs';
import { ask, post, report, schema, serve, signedIn } from './lib.mjs';

const CODES = { parse: 'GRAPHQL_PARSE_FAILED', validation: 'GRAPHQL_VALIDATION_FAILED', operation: 'OPERATION_RESOLUTION_FAILURE', variables: 'BAD_USER_INPUT' };

const server = await serve();
const { fail, pass, check, done } = report('oracle');
const reference = schema();
// What the schema says of its own scalars by `@specifiedBy`.
for (const [name, pattern] of [['Date', /^\d{4}-\d\d-\d\d$/], ['DateTime', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i]]) {
  const scalar = reference.getType(name);
  scalar.parseValue = (value) => {
    if (typeof value !== 'string' || !pattern.test(value) || Number.isNaN(Date.parse(value)) || new Date(`${value.slice(0, 10)}T00:00Z`).getUTCDate() !== Number(value.slice(8, 10))) throw new GraphQLError(`no ${name}`);
    return value;
  };
  scalar.parseLiteral = (node) => scalar.parseValue(node.kind === Kind.STRING ? node.value : null);
}

/** The stage at which graphql-js refuses, and why; `execution` if it does not. */
function oracle(query, variables, operationName) {
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return ['parse', error.message];
  }
  const [first] = validate(reference, document);
  if (first) return ['validation', first.message];
  const operation = getOperationAST(document, operationName);
  if (!operation) return ['operation', 'no such operation'];
  const { errors } = getVariableValues(reference, operation.variableDefinitions ?? [], variables ?? {});
  return errors ? ['variables', errors[0].message] : ['execution', ''];
}

/** What is wrong with an answer, if it should have got to this stage. */
function faults(stage, { status, body }) {
  if (!body) return [`status ${status} without JSON`];
  const [error] = body.errors ?? [];
  if (stage === 'execution') {
    if (!('data' in body)) return [`REFUSED: ${error?.message}`];
    const early = body.errors?.find((one) => !one.path);
    return early ? [`REFUSED: ${early.message}`] : status === 200 || body.data === null ? [] : [`status ${status}`];
  }
  if (!error) return ['ACCEPTED'];
  const found = [];
  if (error.path) found.push('refused only while executing');
  if (error.extensions?.code !== CODES[stage]) found.push(`code ${error.extensions?.code}`);
  if ('data' in body) found.push('data is there');
  if (status !== 400) found.push(`status ${status}`);
  return found;
}

const member = await signedIn(server, 'member');
const { groups } = await ask(server, '{ groups(first: 1) { nodes { id } } }', null, member);
let count = 0;
const stages = {};
const tally = new Map();
for (const [rule, list] of Object.entries(documents(groups.nodes[0].id)))
  for (const [query, variables, operationName] of list) {
    count += 1;
    const [stage, why] = oracle(query, variables, operationName);
    stages[stage] = (stages[stage] ?? 0) + 1;
    // A sign-in that ends itself would make the rest anonymous.
    const who = /signOut/.test(query) ? {} : member;
    const answer = await post(server, { query, variables: variables ?? undefined, operationName }, who).catch((error) => ({ status: error.message }));
    const wrong = faults(stage, answer);
    if (wrong.length === 0) pass();
    else {
      for (const fault of wrong) tally.set(fault.split(':')[0], (tally.get(fault.split(':')[0]) ?? 0) + 1);
      fail(rule, `${query}${variables ? ` ${JSON.stringify(variables)}` : ''}${operationName === undefined ? '' : ` as ${operationName}`} → ${wrong.join('; ')} | graphql-js: ${stage} ${why}`);
    }
  }
// Nobody empties the list unnoticed, and it has documents for every stage.
check('there are documents enough', count >= 200 && Object.keys(stages).length === 5, `${count}: ${JSON.stringify(stages)}`);
for (const [fault, times] of tally) console.log(`  ${String(times).padStart(4)} × ${fault}`);
await done(`${count} documents: ${Object.entries(stages).map(([stage, times]) => `${times} ${stage}`).join(', ')}`, server);
