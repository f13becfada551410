// Two hundred documents that are small to send and dear to run. Each must be refused, quickly, as a whole; the process lives,
// and a second client hardly notices. With `KAFO_TEST_FULL=1` (a release build on a quiet machine) the times are judged too.
import { bystander, cpu, full, memory, post, quantile, report, serve, signedIn, sleep } from './lib.mjs';

const PER_KIND = 20;
// Milliseconds of processor time for one refusal. Without --full only what is run instead of refused goes beyond it.
const CPU_LIMIT = full ? 5 : 1000;
const WAIT = 5000;
// How long the second client is watched, alone and beside bombs, in milliseconds.
const LASTS = 4000;

const wrap = (open, core, close, depth) => open.repeat(depth) + core + close.repeat(depth);
const list = (count, make) => Array.from({ length: count }, (_, at) => make(at));
const fan = (depth, width, on, leaf) => [`{ ...F0 }`, ...list(depth, (at) => `fragment F${at} on ${on} { ${`...F${at + 1} `.repeat(width)} }`), `fragment F${depth} on ${on} { ${leaf} }`].join(' ');
const deep = (depth, value = 1) => { let made = value; for (let at = 0; at < depth; at += 1) made = [made]; return made; };
const filter = (depth, make) => { let made = { called: 'a' }; for (let at = 0; at < depth; at += 1) made = make(made); return made; };

/** Twenty of each kind, from unreasonable to absurd; `n` counts from 0 to 19. All are larger than the published limits. */
const KINDS = {
  'nested list literals': (n) => ({ query: `{ nodes(ids: ${wrap('[', '"a"', ']', 100 + n * 1500)}) { id } }` }),
  'nested object literals': (n) => ({ query: `{ groups(filter: ${wrap('{ not: ', '{ called: "a" }', ' }', 60 + n * 300)}) { totalCount } }` }),
  'fragments that fan out': (n) => ({ query: fan(12 + n, 2 + (n % 9), 'Query', '__typename') }),
  'fragments that fan out over lists': (n) => ({ query: fan(5 + n, 10, 'Query', 'groups(first: 100) { nodes { id } }') }),
  'aliases': (n) => ({ query: `{ ${list(31 + n * 150, (at) => `a${at}: groups(first: 1) { totalCount }`).join(' ')} }` }),
  'directives': (n) => ({ query: `{ __typename ${(n % 2 ? '@include(if: true) ' : '@nope ').repeat(200 + n * 100)} }` }),
  'cost that overflows': (n) => ({ query: `{ groups(first: 100) { nodes ${wrap('{ meetings(first: 100) { nodes { group ', '{ id }', ' } } }', 2 + n)} } }` }),
  'depth of selections': (n) => ({ query: `{ groups { nodes ${wrap('{ parent ', '{ id }', ' }', 17 + n * 200)} } }` }),
  'huge numbers': (n) => ({ query: `{ groups(first: ${n % 2 ? '-' : ''}${'9'.repeat(20 + n * 1000)}${n % 3 === 0 ? 'e99999999' : ''}) { totalCount } }` }),
  'long names and texts': (n) => (n % 2 ? { query: `{ ${'n'.repeat(2000 + n * 3000)} }` } : { query: '{ __typename }', operationName: 'o'.repeat(2000 + n * 20_000) }),
  'deep variables': (n) => (n % 2
    ? { query: 'query ($f: GroupFilter) { groups(filter: $f) { totalCount } }', variables: { f: filter(40 + n * 4, (inner) => ({ not: inner })) } }
    : { query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', variables: { ids: n % 4 ? deep(60 + n * 3) : list(501 + n * 500, () => 'grp_00000000000070008000000000ffffff') } }),
};
const bombs = Object.entries(KINDS).flatMap(([kind, make]) => list(PER_KIND, (n) => ({ kind, n, body: make(n) }))).slice(0, 220);

const { fail, pass, check, done } = report('bombs');
let server = await serve();
let headers = await signedIn(server, 'member');
let restarts = 0;
const again = async (why) => {
  fail('the process lives', why);
  restarts += 1;
  await server.stop();
  server = await serve();
  headers = await signedIn(server, 'member');
};

/** What a second client sees while four others send these bodies over and over, as fast as they are answered. */
async function beside(bodies) {
  const end = await bystander(server);
  const until = performance.now() + LASTS;
  await Promise.all(list(4, async (worker) => {
    for (let at = worker; performance.now() < until; at += 4) await post(server, bodies[at % bodies.length], headers).catch(() => {});
  }));
  return end();
}

const end = await bystander(server);
await sleep(LASTS);
const alone = await end();
// What is due to the senders, who need the same processors, and to the number of requests: the cheapest there are.
const cheap = await beside([{ query: '{ __typename }' }]);
const memoryBefore = memory(server);

const spent = [];
const skipped = new Map();
for (const { kind, n, body } of bombs) {
  // One kind that has brought the process down twice has said all it can say.
  if ((skipped.get(kind) ?? 0) >= 2) { fail(`${kind} ${n}`, 'not tried: its like have ended the process'); continue; }
  const before = cpu(server);
  const answer = await Promise.race([post(server, body, headers).catch((error) => ({ error: error.cause?.code ?? error.message })), sleep(WAIT).then(() => ({ error: `no answer in ${WAIT} ms` }))]);
  const used = before === null ? 0 : (cpu(server) - before) / 1e6;
  if (answer.error) {
    skipped.set(kind, (skipped.get(kind) ?? 0) + 1);
    await again(`${kind} ${n}: ${answer.error}${server.alive ? '' : `, ended with ${server.ended}`}`);
    continue;
  }
  spent.push(used);
  if (!(answer.status >= 400 && answer.status < 500)) fail(`${kind} ${n}`, `status ${answer.status}: ${answer.text.slice(0, 100)}`);
  else if (answer.body && 'data' in answer.body) fail(`${kind} ${n}`, 'data is there');
  else if (used > CPU_LIMIT) fail(`${kind} ${n}`, `refused after ${used.toFixed(1)} ms of processor time`);
  else if (answer.text.length > 4000) fail(`${kind} ${n}`, `an answer of ${answer.text.length} bytes`);
  else pass();
}

const survivable = bombs.filter(({ kind }) => !skipped.has(kind));
const loud = survivable.length ? await beside(survivable.map(({ body }) => body)) : { p99: Infinity };
const p99s = `p99 ${alone.p99.toFixed(1)} ms alone, ${cheap.p99.toFixed(1)} ms beside cheap requests, ${loud.p99.toFixed(1)} ms beside bombs`;
if (full ? loud.p99 <= Math.max(alone.p99, cheap.p99) * 1.5 + 2 : loud.p99 < 2000) pass();
else fail('the second client', p99s);
const grown = restarts ? 0 : memory(server) - memoryBefore;
if (server.pid) check('processor time and memory can be read', cpu(server) !== null && memory(server) !== null);
if (grown < 64 * 1024) pass();
else fail('memory', `grew by ${Math.round(grown / 1024)} MiB`);
await done(`${bombs.length} bombs, processor p50 ${quantile(spent, 0.5).toFixed(1)} ms, most ${Math.max(...spent).toFixed(1)} ms; the second client's ${p99s}; ${restarts} restarts`, server);
