// What every suite shares: a server of its own with the example data, how to sign in and ask, how to report.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { buildSchema } from 'graphql';

export { sleep };
export const here = import.meta.dirname;
export const root = resolve(here, '../..');
export const scratch = join(root, 'target/conformance');
export const binary = process.env.KAFO_BINARY ? resolve(process.env.KAFO_BINARY) : join(root, 'target/debug/kafo');
/** Whether times are judged too: only where the machine is quiet and the build is a release. */
export const full = process.env.KAFO_TEST_FULL === '1';
export const sdl = () => readFileSync(join(root, 'schema.graphql'), 'utf8');
export const schema = () => buildSchema(sdl());

mkdirSync(scratch, { recursive: true });

// --- The server --------------------------------------------------------------------------------

const servers = [];
process.on('exit', () => servers.forEach((server) => server.alive && server.child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** Starts the binary and waits until it says where it listens. */
function launch(verb, database) {
  // suites ask more in a minute than anybody may
  const env = { KAFO_LOG: 'warn', KAFO_COST_PER_MINUTE: '0', KAFO_ANONYMOUS_COST_PER_MINUTE: '0', ...process.env };
  return start(binary, [verb, '--listen', '127.0.0.1:0', '--database', `sqlite://${database}`], { cwd: scratch, env });
}

/** Starts whatever becomes a server, and waits until it says where it listens. */
export async function start(command, args, options) {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: cargo build -p kafo-api, or KAFO_BINARY=…`);
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const server = { child, pid: child.pid, alive: true, log: '', ended: null };
  servers.push(server);
  const over = new Promise((done) => child.on('exit', (code, signal) => {
    Object.assign(server, { alive: false, ended: signal ?? `code ${code}` });
    done();
  }));
  server.stop = async () => {
    if (!server.alive) return;
    child.kill('SIGTERM');
    await Promise.race([over, sleep(10_000).then(() => child.kill('SIGKILL'))]);
    await over;
  };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (server.log += text));
  for (let left = 1200; left > 0 && server.alive; left -= 1) {
    const [, url] = server.log.match(/Kafo listens on (\S+)/) ?? [];
    if (url) return Object.assign(server, { origin: url, url: `${url}/graphql` });
    await sleep(50);
  }
  throw new Error(`${command} ${args.join(' ')} does not listen (${server.ended ?? 'a minute has passed'}):\n${server.log}`);
}

const clear = (database) => ['', '-wal', '-shm'].forEach((end) => rmSync(database + end, { force: true }));

/** Loads the example data once; every server starts from a copy. Answers the file and the password of its accounts. */
export async function template() {
  if (process.env.KAFO_TEMPLATE) return process.env.KAFO_TEMPLATE;
  const database = join(scratch, `template-${process.pid}.db`);
  clear(database);
  const demo = await launch('demo', database);
  for (let left = 100; left > 0 && !/with the password/.test(demo.log); left -= 1) await sleep(20);
  const [, password] = demo.log.match(/with the password "([^"]+)"/) ?? [];
  await demo.stop();
  process.env.KAFO_TEMPLATE = database;
  process.env.KAFO_DEMO_PASSWORD = password;
  process.on('exit', () => clear(database));
  return database;
}

let copies = 0;
/** A server with the example data. `KAFO_URL` (and `KAFO_DEMO_PASSWORD`) name one that runs already. */
export async function serve() {
  if (process.env.KAFO_URL) return { url: process.env.KAFO_URL, origin: new URL(process.env.KAFO_URL).origin, alive: true, log: '', stop() {} };
  const from = await template();
  const database = join(scratch, `${basename(process.argv[1], '.mjs')}-${process.pid}-${(copies += 1)}.db`);
  clear(database);
  for (const end of ['', '-wal']) if (existsSync(from + end)) copyFileSync(from + end, database + end);
  process.on('exit', () => clear(database));
  return launch('serve', database);
}

/** Nanoseconds of processor time that its threads have used; null where the system does not tell. */
export function cpu(server) {
  try {
    return readdirSync(`/proc/${server.pid}/task`)
      .reduce((sum, task) => sum + Number(readFileSync(`/proc/${server.pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]), 0);
  } catch {
    return null;
  }
}

/** Kilobytes that it holds in memory; null where the system does not tell. */
export function memory(server) {
  try {
    return Number(readFileSync(`/proc/${server.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
  } catch {
    return null;
  }
}

// --- Asking ------------------------------------------------------------------------------------

export const JSON_TYPE = 'application/json';
export const RESPONSE_TYPE = 'application/graphql-response+json';

/** Posts a body (an object, or text as it is). Answers status, headers, text and, if it is JSON, body. */
export async function post(server, body, headers = {}) {
  const answer = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': JSON_TYPE, accept: RESPONSE_TYPE, ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  return read(answer);
}

/** Asks by GET, with these query parameters. */
export async function get(server, parameters, headers = {}) {
  const url = new URL(server.url);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  return read(await fetch(url, { headers: { accept: RESPONSE_TYPE, ...headers }, signal: AbortSignal.timeout(30_000) }));
}

async function read(answer) {
  const text = await answer.text();
  let body = null;
  try { body = JSON.parse(text); } catch { /* the suite judges */ }
  return { status: answer.status, headers: answer.headers, text, body };
}

/** The data of an operation that must succeed. */
export async function ask(server, query, variables, headers) {
  const { status, body, text } = await post(server, { query, variables }, headers);
  if (!body?.data || body.errors) throw new Error(`${status} ${text.slice(0, 300)} to ${query.slice(0, 120)}`);
  return body.data;
}

/** The header of one who has signed in: `member`, `secretary`, `operation` … of the example data. */
export async function signedIn(server, name) {
  const query = 'mutation SignIn($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }';
  const { signIn } = await ask(server, query, { input: { email: `${name}@kafo.example`, password: process.env.KAFO_DEMO_PASSWORD } });
  if (!signIn.accessToken) throw new Error(`${name} cannot sign in: ${JSON.stringify(signIn.userErrors)}`);
  return { authorization: `Bearer ${signIn.accessToken}` };
}

/**
 * A second, ordinary client, in a thread of its own: what it measures is the server, not how busy the attacker is. Answers how
 * to end it, which tells the p99 in milliseconds of what was answered, how much that was, and how much failed.
 */
export async function bystander(server, headers = {}) {
  const worker = new Worker(join(here, 'bystander.mjs'), { workerData: { server: { url: server.url }, headers } });
  await once(worker, 'message');
  return async () => {
    worker.postMessage('stop');
    const [{ times, failures }] = await once(worker, 'message');
    return { p99: times.length ? quantile(times, 0.99) : Infinity, count: times.length, failures };
  };
}

// --- Reporting ---------------------------------------------------------------------------------

/** Collects what passed and what failed; `done` prints the one line that sums up and ends the process. */
export function report(suite) {
  const state = { passed: 0, failed: 0 };
  const fail = (name, why) => {
    state.failed += 1;
    console.log(`  FAIL ${name}${why === undefined ? '' : `: ${String(why).replace(/\s+/g, ' ').slice(0, 400)}`}`);
  };
  return {
    fail,
    pass() { state.passed += 1; },
    /** One expectation. */
    check(name, holds, why) {
      if (holds) state.passed += 1;
      else fail(name, why);
    },
    /** One check as a function: fails if it throws. */
    async test(name, run) {
      try {
        await run();
        state.passed += 1;
      } catch (error) {
        fail(name, error.cause ? `${error.message} (${error.cause.code ?? error.cause.message})` : error.message);
      }
    },
    /** The server must have lived through it without a panic; then sums up. */
    async done(note, ...started) {
      for (const server of started) {
        if (!server.alive) fail('the server lives', `it ended with ${server.ended}`);
        if (/panicked at/.test(server.log)) fail('no panic', server.log.match(/[^\n]*panicked at[^\n]*\n?[^\n]*/)[0]);
        await server.stop();
      }
      if (state.passed + state.failed === 0) fail('something is judged', 'nothing was');
      const word = state.failed ? 'FAILED' : 'passed';
      console.log(`${suite}: ${word}, ${state.passed} of ${state.passed + state.failed}${note ? ` (${note})` : ''}`);
      process.exit(state.failed ? 1 : 0);
    },
  };
}

/** Throws unless it holds. */
export function must(holds, why) {
  if (!holds) throw new Error(typeof why === 'string' ? why : JSON.stringify(why));
}

/** Runs a tool of this directory; answers its exit code and what it said. */
export function tool(command, args, options = {}) {
  try {
    return { code: 0, output: execFileSync(command, args, { cwd: here, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26, ...options }) };
  } catch (error) {
    return { code: error.status ?? 1, output: `${error.stdout ?? ''}${error.stderr ?? error.message}` };
  }
}
export const npx = (name, args, options) => tool(join(here, 'node_modules/.bin', name), args, options);

/** Numbers between 0 and 1 that are the same for the same seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return { next, below: (limit) => Math.floor(next() * limit), pick: (list) => list[Math.floor(next() * list.length)] };
}
/** The value below which this share of the list lies. */
export const quantile = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];

/** The Python in whose environment ./setup has put what requirements.txt says. */
export const python = join(scratch, 'python/bin/python');
/** The packages that it was made of. */
export const wheels = join(scratch, 'wheels');
