// graphql-eslint and graphql-schema-linter over the published schema (eslint.config.mjs, .graphql-schema-linterrc): no
// finding is allowed. `--all` prints each, else each rule shows its first ten.
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { here, npx, report, root, sdl } from './lib.mjs';

const shown = process.argv.includes('--all') ? Infinity : 10;
const { check, fail, done } = report('lint');

// ESLint looks at nothing outside its own directory.
mkdirSync(join(here, 'generated'), { recursive: true });
copyFileSync(join(root, 'schema.graphql'), join(here, 'generated/schema.graphql'));

/** Type and field that stand at a line, so that a finding can be found again when lines have moved. */
const places = sdl().split('\n').reduce(({ within, list }, line) => {
  const [, type] = line.match(/^(?:type|interface|input|enum|union|scalar|directive) (@?\w+)/) ?? [];
  const [, field] = line.match(/^\s+(\w+)\s*[(:]/) ?? [];
  list.push(type ?? (field ? `${within}.${field}` : within));
  return { within: type ?? within, list };
}, { within: '', list: [] }).list;

const rules = new Map();
const found = (rule, place, message) => rules.set(rule, [...(rules.get(rule) ?? []), `${place}: ${message.replace(/\s+/g, ' ')}`]);

const eslint = npx('eslint', ['--no-warn-ignored', '--format', 'json', 'generated/schema.graphql', 'operations']);
let files = [];
try { files = JSON.parse(eslint.output); } catch { fail('eslint runs', eslint.output); }
check('eslint has seen the schema and the operations', files.length === 5, `${files.length} files`);
for (const { filePath, messages } of files)
  for (const { ruleId, line, message } of messages) found(`graphql-eslint ${ruleId?.replace('@graphql-eslint/', '')}`, filePath.endsWith('schema.graphql') ? places[line - 1] : filePath.slice(here.length + 1), message);

const linter = npx('graphql-schema-linter', ['--format', 'json', '../../schema.graphql']);
try {
  for (const { message, rule, location } of JSON.parse(linter.output.slice(linter.output.indexOf('{'))).errors) found(`graphql-schema-linter ${rule}`, places[location.line - 1], message);
} catch { fail('graphql-schema-linter runs', linter.output); }

let total = 0;
for (const [rule, list] of rules) {
  total += list.length;
  fail(rule, `${list.length} findings`);
  for (const one of list.slice(0, shown)) console.log(`       ${one}`);
  if (list.length > shown) console.log('       …');
}
check('no finding', total === 0, `${total} in all`);
await done(`${total} findings`);
