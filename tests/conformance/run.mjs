// Runs the suites and prints what came of each. See ./run.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { binary, here, root, sdl, template, tool } from './lib.mjs';

/** Suite and bar, in the order in which a failure tells most. */
const SUITES = {
  audits: '61 of 61 audits of graphql-http',
  oracle: '0 disagreements with graphql-js',
  shape: '0 faults in the shape of answers',
  clients: 'Apollo, urql, graphql-request: all',
  relay: 'relay-compiler, and live: all',
  codegen: 'graphql-codegen and tsc: all',
  python: 'gql: all',
  lint: '0 findings',
  cop: '0 findings but those chosen',
  fuzz: '0 server errors, 0 wrong verdicts',
  bombs: 'each refused, at little cost',
  hostile: '0 × 5xx, 0 panics, flat memory',
  slow: 'cut off in time',
  explorer: 'the page, in Chromium: all',
  snippets: 'docs/using-the-api.md: every block',
};
/** No suite takes longer on a slow machine. */
const MINUTES = 10;
/** How many run side by side, where times are not judged: some mostly wait. */
const LANES = 2;
/** Those that take longest begin first. */
const LONG = ['slow', 'fuzz', 'hostile', 'snippets'];

const only = [];
const given = process.argv.slice(2);
while (given.length) {
  const word = given.shift();
  if (word === '--full') process.env.KAFO_TEST_FULL = '1';
  else if (word === '--only' && given[0] in SUITES) only.push(given.shift());
  else {
    console.error(`run: ${word} ${given[0] ?? ''}: known are --full and --only ${Object.keys(SUITES).join('|')}`);
    process.exit(2);
  }
}

if (tool(binary, ['schema']).output.trim() !== sdl().trim()) {
  console.error(`run: ${join(root, 'schema.graphql')} is not the schema of ${binary}: build it, or UPDATE=1 cargo test -p kafo-tests schema`);
  process.exit(1);
}
await template();

const started = Date.now();
const chosen = only.length ? only : Object.keys(SUITES);
const lanes = process.env.KAFO_TEST_FULL === '1' ? 1 : LANES;
const waiting = lanes === 1 ? [...chosen] : [...LONG.filter((suite) => chosen.includes(suite)), ...chosen.filter((suite) => !LONG.includes(suite))];
const rows = {};

/** Runs one suite; what it says comes at once if it runs alone, else when it has ended. */
async function judge(suite) {
  const started = Date.now();
  let said = '';
  if (lanes === 1) console.log(`\n==> ${suite}`);
  const code = await new Promise((settle) => {
    const child = spawn(process.execPath, [join(here, `${suite}.mjs`)], { stdio: ['ignore', 'pipe', 'pipe'], timeout: MINUTES * 60_000 });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => {
      if (lanes === 1) process.stdout.write(text);
      said += text;
    });
    child.on('close', (number, signal) => settle(number ?? signal));
  });
  if (lanes !== 1) process.stdout.write(`\n==> ${suite}\n${said}`);
  // One that ends well without having judged anything has not passed.
  const [, word, result] = [...said.matchAll(/: (passed|FAILED), (\d+ of \d+)/g)].at(-1) ?? [];
  rows[suite] = { suite, failed: code !== 0 || word !== 'passed', result: result ?? `ended with ${code}`, seconds: Math.round((Date.now() - started) / 1000) };
}
await Promise.all(Array.from({ length: lanes }, async () => {
  while (waiting.length) await judge(waiting.shift());
}));

console.log('\nsuite     result              seconds  bar');
for (const { suite, failed, result, seconds } of chosen.map((suite) => rows[suite])) console.log(`${suite.padEnd(9)} ${(failed ? `FAILED ${result}` : `ok ${result}`).padEnd(19)} ${String(seconds).padStart(7)}  ${SUITES[suite]}`);
const failures = chosen.filter((suite) => rows[suite].failed).length;
console.log(`\n${failures ? `${failures} of ${chosen.length} suites failed` : `all ${chosen.length} suites passed`} after ${Math.round((Date.now() - started) / 1000)} s`);
process.exit(failures ? 1 : 0);
