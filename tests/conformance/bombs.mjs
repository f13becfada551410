// Two hundred documents that are small to send and dear to run. Each must be refused, quickly, as a whole; the process lives,
// and a second client hardly notices. With `KAFO_TEST_FULL=1` (a release build on a quiet machine) the times are judged too.
import { cpu, full, memory, post, quantile, report, serve, signedIn, sleep } from './lib.mjs';

const PER_KIND = 20;
// Milliseconds of processor time for one refusal. Without --full only what is run instead of refused goes beyond it.
const CPU_LIMIT = full ? 5 : 1000;
const WAIT = 5000;

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

/** Times of a second, ordinary client that asks one after the other until told to stop. */
function bystander() {
  const times = [];
  let going = true;
  const run = (async () => {
    while (going) {
      const started = performance.now();
      const { status } = await post(server, { query: '{ groups(first: 1) { nodes { id name } } }' }).catch(() => ({}));
      if (status === 200) times.push(performance.now() - started);
      await sleep(10);
    }
  })();
  return async () => { going = false; await run; return times; };
}

let stop = bystander();
await sleep(2000);
const quiet = await stop();
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

// Once more, all that was survivable at once, beside the second client.
stop = bystander();
await Promise.all(list(4, async (worker) => {
  for (const { kind, body } of bombs.filter((_, at) => at % 4 === worker)) if (!skipped.has(kind)) await post(server, body, headers).catch(() => {});
}));
const loud = await stop();
const [before, after] = [quantile(quiet, 0.99), loud.length ? quantile(loud, 0.99) : Infinity];
if (full ? after <= before * 2 + 5 : after < 2000) pass();
else fail('the second client', `p99 ${before.toFixed(1)} ms alone, ${after.toFixed(1)} ms beside bombs`);
const grown = restarts ? 0 : memory(server) - memoryBefore;
if (server.pid) check('processor time and memory can be read', cpu(server) !== null && memory(server) !== null);
if (grown < 64 * 1024) pass();
else fail('memory', `grew by ${Math.round(grown / 1024)} MiB`);
await done(`${bombs.length} bombs, processor p50 ${quantile(spent, 0.5).toFixed(1)} ms, most ${Math.max(...spent).toFixed(1)} ms; second client's p99 ${before.toFixed(0)} → ${after.toFixed(0)} ms; ${restarts} restarts`, server);
