// Runs the suites one after the other and prints what came of each. See ./run.
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
};
/** No suite takes longer on a slow machine. */
const MINUTES = 10;

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

const rows = [];
for (const suite of only.length ? only : Object.keys(SUITES)) {
  console.log(`\n==> ${suite}`);
  const started = Date.now();
  let said = '';
  const code = await new Promise((settle) => {
    const child = spawn(process.execPath, [join(here, `${suite}.mjs`)], { stdio: ['ignore', 'pipe', 'inherit'], timeout: MINUTES * 60_000 });
    child.stdout.on('data', (text) => {
      process.stdout.write(text);
      said = (said + text).slice(-4000);
    });
    child.on('exit', (number, signal) => settle(number ?? signal));
  });
  rows.push({ suite, failed: code !== 0, result: [...said.matchAll(/: (?:passed|FAILED), (\d+ of \d+)/g)].at(-1)?.[1] ?? `ended with ${code}`, seconds: Math.round((Date.now() - started) / 1000) });
}

console.log('\nsuite     result              seconds  bar');
for (const { suite, failed, result, seconds } of rows) console.log(`${suite.padEnd(9)} ${(failed ? `FAILED ${result}` : `ok ${result}`).padEnd(19)} ${String(seconds).padStart(7)}  ${SUITES[suite]}`);
const failures = rows.filter((row) => row.failed).length;
console.log(failures ? `\n${failures} of ${rows.length} suites failed` : `\nall ${rows.length} suites passed`);
process.exit(failures ? 1 : 0);
