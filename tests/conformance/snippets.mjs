// docs/using-the-api.md, done as it says: its blocks run in order in an empty directory, against a server that is started as
// the page starts it, and each answer that it shows must be the real one. The French page must have the same blocks.
//
// What a block is, its first line says:
//   ```sh server      starts the server with the example data
//   ```sh run         is run, by one bash from the first block to the last; it fails where a command fails
//   ```… file=PATH    is written to that file
//   ```json answer    is what the block before it printed, key by key; … stands for any text
//   ```text answer    the same, letter by letter
// There is no other kind, so that none is left untried. Two things differ from what a reader does: the server takes a free
// port, and packages come in the locked versions, which ./setup has fetched.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { binary, here, report, root, scratch, sleep, start, wheels } from './lib.mjs';

const PAGE = process.env.KAFO_PAGE ?? join(root, 'docs/using-the-api.md');
const FRENCH = PAGE.replace(/\.md$/, '.fr.md');
const ADDRESS = 'http://127.0.0.1:8080';
const CHECKOUT = '~/kafo';
const SECONDS = 240; // no block takes longer

/** The blocks of a page, with the line on which they begin. */
function blocks(text) {
  const found = [];
  let open = null;
  text.split('\n').forEach((line, at) => {
    const [, indent, info] = line.match(/^(\s*)```(.*)$/) ?? [];
    if (indent === undefined) open?.lines.push(line);
    else if (open) {
      found.push(open);
      open = null;
    } else open = { info: indent ? `indented: ${info}` : info.trim(), at: at + 1, lines: [] };
  });
  if (open) found.push({ ...open, info: 'without end' });
  return found.map(({ info, at, lines }) => ({ info, at, text: lines.join('\n') }));
}

const wild = (text) => new RegExp(`^${text.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^]*')}$`);

/** Where what is shown differs from what came; null if it does not. Keys must come in the order shown. */
function difference(shown, came, path = 'the answer') {
  if (typeof shown === 'string' && typeof came === 'string') return wild(shown).test(came) ? null : `${path} is ${JSON.stringify(came)}, not ${JSON.stringify(shown)}`;
  if (shown === null || came === null || typeof shown !== 'object' || typeof came !== 'object' || Array.isArray(shown) !== Array.isArray(came))
    return shown === came ? null : `${path} is ${JSON.stringify(came)}, not ${JSON.stringify(shown)}`;
  const [ours, theirs] = [Object.keys(shown), Object.keys(came)];
  if (ours.join() !== theirs.join()) return `${path} has ${Array.isArray(came) ? `${came.length} items` : theirs.join()}, not ${Array.isArray(shown) ? `${shown.length}` : ours.join()}`;
  return ours.reduce((first, key) => first ?? difference(shown[key], came[key], `${path}.${key}`), null);
}

/** Why an answer that is shown is not what came; null if it is. */
function untrue(kind, shown, came) {
  if (kind === 'text answer') return wild(shown.trim()).test(came.trim()) ? null : `the answer is ${came.trim()}`;
  try {
    const why = difference(JSON.parse(shown), JSON.parse(came));
    return why && `${why}; in full: ${came}`;
  } catch (error) {
    return `${error.message}, of ${came}`;
  }
}

/** A bash that keeps its variables from block to block; `run` answers its exit code, or null, and what was printed. */
function shell(directory, env) {
  const child = spawn('bash', ['--noprofile', '--norc'], { cwd: directory, env, stdio: ['pipe', 'pipe', 'inherit'] });
  let [said, ended, count] = ['', null, 0];
  child.stdout.on('data', (text) => { said += text; });
  child.on('exit', (code, signal) => { ended = code ?? signal; });
  child.stdin.on('error', () => {});
  child.stdin.write('set -euo pipefail\n');
  return {
    async run(text) {
      const at = join(directory, '.blocks', String((count += 1)));
      mkdirSync(dirname(at), { recursive: true });
      writeFileSync(at, `${text}\n`);
      child.stdin.write(`. ${at} </dev/null >${at}.out 2>${at}.err; echo "end ${count}"\n`);
      for (let left = SECONDS * 20; left > 0 && ended === null && !said.includes(`end ${count}\n`); left -= 1) await sleep(50);
      const printed = (end) => (existsSync(at + end) ? readFileSync(at + end, 'utf8') : '');
      const code = said.includes(`end ${count}\n`) ? 0 : (ended ?? `no end after ${SECONDS} s`);
      return { code, out: printed('.out'), err: printed('.err') };
    },
    end: () => child.kill('SIGKILL'),
  };
}

/** `script/server` has Cargo run the server; this one runs the binary that is to be judged. */
function cargo(directory) {
  const at = join(directory, 'cargo');
  writeFileSync(at, '#!/bin/sh\n[ "$1 $2" = "run --locked" ] || exit 64\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$KAFO_BINARY" "$@"\n');
  chmodSync(at, 0o755);
}

/** A package.json of the page, with the lock file and the one exception of this directory. */
function locked(text) {
  const [theirs, ours, lock] = [JSON.parse(text), ...['package.json', 'package-lock.json'].map((name) => JSON.parse(readFileSync(join(here, name), 'utf8')))];
  for (const [name, version] of Object.entries({ ...theirs.dependencies, ...theirs.devDependencies }))
    if (ours.devDependencies[name] !== version) throw new Error(`${name} is ${version} there and ${ours.devDependencies[name]} in tests/conformance/package.json`);
  const given = { name: 'snippets', version: '0.0.0', ...theirs, overrides: ours.overrides };
  lock.packages[''] = given;
  return [`${JSON.stringify(given, null, 2)}\n`, `${JSON.stringify({ ...lock, name: given.name, version: given.version })}\n`];
}

const { fail, pass, check, done } = report('snippets');

// The judge first: what is not the same must not pass for it.
for (const [kind, shown, came, same] of [
  ['json answer', '{"a": [1, "x…"], "b": null}', '{"a":[1,"xyz"],"b":null}', true],
  ['json answer', '{"a": [1, "x…"]}', '{"a":[2,"xyz"]}', false],
  ['json answer', '{"a": [1, "x…"]}', '{"a":[1,"yxz"]}', false],
  ['json answer', '{"a": [1]}', '{"a":[1,2]}', false],
  ['json answer', '{"a": 1}', '{"a":1,"b":2}', false],
  ['json answer', '{"a": 1, "b": 2}', '{"b":2,"a":1}', false],
  ['json answer', '{"a": "…"}', '{"a":null}', false],
  ['json answer', '{"a": 1}', 'curl: (7) nobody there', false],
  ['text answer', '200\n304', '200\n304\n', true],
  ['text answer', '200\n304', '200\n200', false],
]) check(`the judge: ${shown} and ${came}`, (untrue(kind, shown, came) === null) === same);

const page = blocks(readFileSync(PAGE, 'utf8'));
const french = blocks(readFileSync(FRENCH, 'utf8'));
check('the French page has as many blocks', french.length === page.length, `${french.length}, not ${page.length}`);
page.forEach(({ info, at, text }, number) => {
  const other = french[number];
  check(`the French page has the block of line ${at}`, other?.info === info && other.text === text, `line ${other?.at}: ${other?.text}`);
});
check('there are blocks of every kind', ['sh server', 'sh run', 'ts file=', 'py file=', 'json answer', 'text answer'].every((kind) => page.some(({ info }) => info.startsWith(kind))), page.map(({ info }) => info).join());

const directory = mkdtempSync(join(scratch, 'snippets-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const [work, tools, temporary] = ['work', 'bin', 'tmp'].map((name) => join(directory, name));
for (const one of [work, tools, temporary]) mkdirSync(one);
cargo(tools);
// Nothing of whoever runs this; packages from where ./setup has put them.
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^KAFO_|^npm_/.test(name)));
const forServer = { ...environment, PATH: `${tools}:${process.env.PATH}`, TMPDIR: temporary, KAFO_BINARY: binary, KAFO_LISTEN: '127.0.0.1:0', KAFO_LOG: 'warn' };
const forShell = {
  ...environment, npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false', npm_config_update_notifier: 'false',
  PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels, PIP_DISABLE_PIP_VERSION_CHECK: '1',
};

let server = null;
const bash = shell(work, forShell);
process.on('exit', () => bash.end());
const meant = (text) => text.replaceAll(ADDRESS, server?.origin ?? ADDRESS).replaceAll(CHECKOUT, root);
const asShown = (text) => text.replaceAll(server?.origin ?? ADDRESS, ADDRESS).replaceAll(root, CHECKOUT);
let printed = null;
let broken = null;
let longest = [0, ''];
for (const { info, at, text } of page) {
  const name = `line ${at}, ${info}`;
  const [, file] = info.match(/^\w+ file=([\w./-]+)$/) ?? [];
  if (broken) fail(name, `not tried: ${broken}`);
  else if (info === 'sh server' && !server) {
    server = await start('bash', ['-euc', meant(text)], { cwd: work, env: forServer });
    pass();
  } else if (info === 'sh run') {
    const started = Date.now();
    const { code, out, err } = await bash.run(meant(text));
    const took = Math.round((Date.now() - started) / 1000);
    if (took > longest[0]) longest = [took, name];
    printed = asShown(out);
    if (code === 0) pass();
    else {
      broken = `the block of line ${at} failed`;
      fail(name, `exit code ${code}: ${out.slice(-200)} ${err.slice(-180)}`);
    }
  } else if (info === 'json answer' || info === 'text answer') {
    const why = printed === null ? 'no block before it has printed anything' : untrue(info, text, printed);
    check(name, why === null, why);
  } else if (file) {
    mkdirSync(dirname(join(work, file)), { recursive: true });
    if (file === 'package.json') {
      const [given, lock] = locked(text);
      writeFileSync(join(work, file), given);
      writeFileSync(join(work, 'package-lock.json'), lock);
    } else writeFileSync(join(work, file), `${meant(text)}\n`);
    pass();
  } else fail(name, 'a block of no known kind: nobody tries it');
}
check('the page starts a server', server !== null);
bash.end();
await done(`${page.length} blocks in two languages; the longest, ${longest[1]}, took ${longest[0]} s`, ...(server ? [server] : []));
