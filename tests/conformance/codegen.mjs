// graphql-codegen makes a typed client of the schema, TypeScript accepts what is right and refuses what is wrong, and the
// manifest of persisted documents that it writes holds for the server.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse, validate } from 'graphql';
import { here, must, npx, post, report, schema, serve, signedIn } from './lib.mjs';

const { test, done } = report('codegen');
const out = join(here, 'generated/typed');
rmSync(out, { recursive: true, force: true });
let manifest = {};
await test('graphql-codegen, client preset', () => {
  const { code, output } = npx('graphql-codegen', ['--config', 'codegen.ts']);
  must(code === 0, output);
  manifest = JSON.parse(readFileSync(join(out, 'persisted-documents.json'), 'utf8'));
});
await test('tsc --noEmit', () => {
  const { code, output } = npx('tsc', ['--noEmit', '-p', 'tsconfig.json']);
  must(code === 0, output);
});
await test('the manifest has the four operations, by their SHA-256', () => {
  const entries = Object.entries(manifest);
  must(entries.length === 4, entries.length);
  for (const [hash, text] of entries) {
    must(`sha256:${createHash('sha256').update(text).digest('hex')}` === hash, `${hash} is not that of ${text}`);
    must(validate(schema(), parse(text)).length === 0, text);
  }
});

const server = await serve();
const headers = await signedIn(server, 'member');
const variables = { OpenActions: { first: 2 }, Outcomes: { first: 2 }, GroupBy: { by: { slug: 'none' } }, GroupRename: { input: { id: 'grp_00000000000070008000000000ffffff', expectedVersion: 1 } } };
const nameOf = (text) => parse(text).definitions.find((one) => one.kind === 'OperationDefinition').name.value;
for (const text of Object.values(manifest)) await test(`${nameOf(text)} runs`, async () => {
  const { body, text: said } = await post(server, { query: text, variables: variables[nameOf(text)] }, headers);
  must(body?.data && !body.errors, said.slice(0, 200));
});
await done('', server);
