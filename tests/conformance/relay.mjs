// Relay: its compiler takes the schema with connections forward, backward and both ways, refetching by `node` and a list that
// grows by a mutation; what it compiled then runs live in the Relay store.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import relay from 'relay-runtime';
import { ask, here, must, npx, post, report, serve, signedIn } from './lib.mjs';

const { commitMutation, ConnectionHandler, Environment, fetchQuery, Network, RecordSource, Store } = relay;
const { test, done } = report('relay');
const artefacts = join(here, 'generated/relay');
rmSync(artefacts, { recursive: true, force: true });
mkdirSync(artefacts, { recursive: true });
writeFileSync(join(artefacts, 'package.json'), '{ "type": "commonjs" }');

let compiled = false;
await test('relay-compiler', () => {
  const { code, output } = npx('relay-compiler', [], { cwd: join(here, 'relay') });
  must(code === 0, output);
  compiled = true;
});
if (!compiled) await done();

const artefact = (name) => createRequire(import.meta.url)(join(artefacts, `${name}.graphql.js`));
const server = await serve();
const headers = await signedIn(server, 'operation');
const world = () => new Environment({
  store: new Store(new RecordSource()),
  network: Network.create(async ({ text, name }, variables) => {
    const { body, status } = await post(server, { query: text, variables, operationName: name }, headers);
    must(body && !body.errors, `${name}: ${status} ${JSON.stringify(body?.errors)}`);
    return body;
  }),
  requiredFieldLogger: () => {},
});
const run = (environment, name, variables) => fetchQuery(environment, artefact(name), variables).toPromise();
const connection = (environment, key, parent) => {
  const source = environment.getStore().getSource();
  const id = ConnectionHandler.getConnectionID(parent ?? 'client:root', key);
  const edges = source.get(id)?.edges?.__refs ?? [];
  return { id, nodes: edges.map((edge) => source.get(source.get(edge).node.__ref).id ?? source.get(edge).node.__ref), page: source.get(source.get(id)?.pageInfo?.__ref) };
};
const same = (one, other) => must(JSON.stringify(one) === JSON.stringify(other), `${JSON.stringify(one)} is not ${JSON.stringify(other)}`);
const everyone = (await ask(server, '{ organisations(first: 100, orderBy: [{ field: NAME }]) { nodes { id } } }', null, headers)).organisations.nodes.map((node) => node.id);

await test('forward: two pages make one list', async () => {
  const environment = world();
  await run(environment, 'PagesQuery', { count: 2 });
  const { page } = connection(environment, 'Pages_forward_organisations');
  same(page.hasNextPage, true);
  await run(environment, 'PagesForwardQuery', { count: 3, cursor: page.endCursor });
  same(connection(environment, 'Pages_forward_organisations').nodes, everyone.slice(0, 5));
});
await test('backward: two pages make one list, in the same order', async () => {
  const environment = world();
  await run(environment, 'PagesQuery', { count: 2 });
  const { page } = connection(environment, 'Pages_backward_ends');
  same(page.hasPreviousPage, true);
  await run(environment, 'PagesBackwardQuery', { count: 3, cursor: page.startCursor });
  same(connection(environment, 'Pages_backward_ends').nodes, everyone.slice(-5));
});
await test('forward to the very end, then no next page', async () => {
  const environment = world();
  await run(environment, 'PagesForwardQuery', { count: 7 });
  for (let turns = 0; turns < 100 && connection(environment, 'Pages_forward_organisations').page.hasNextPage; turns += 1)
    await run(environment, 'PagesForwardQuery', { count: 7, cursor: connection(environment, 'Pages_forward_organisations').page.endCursor });
  same(connection(environment, 'Pages_forward_organisations').nodes, everyone);
});
const { groups, organisations } = await ask(server, '{ groups(first: 1) { nodes { id } } organisations(first: 1) { nodes { id } } }', null, headers);
const [group, organisation] = [groups.nodes[0].id, organisations.nodes[0].id];
await test('refetch: a fragment by its node', async () => {
  const environment = world();
  await run(environment, 'PagesGroupRefetchQuery', { id: group, count: 1 });
  must(environment.getStore().getSource().get(group)?.name, 'the group is in the store');
});
await test('refetch: a connection with both directions', async () => {
  await run(world(), 'PagesBothQuery', { id: organisation, first: 2 });
  await run(world(), 'PagesBothQuery', { id: organisation, last: 2 });
});
await test('nodes: one list of several types', () => run(world(), 'PagesNodesQuery', { ids: [group, organisation] }));
await test('a deep query with @required', () => run(world(), 'PagesOutcomesQuery', {}));
await test('a mutation appends to the connection', async () => {
  const environment = world();
  await run(environment, 'PagesQuery', { count: 2 });
  const { id } = connection(environment, 'Pages_forward_organisations');
  await new Promise((onCompleted, onError) => commitMutation(environment, {
    mutation: artefact('PagesAddMutation'), variables: { input: { name: 'Organisation Exemple 9' }, connections: [id] }, onError,
    onCompleted: ({ organisationCreate }) => (organisationCreate.userErrors.length ? onError(new Error(JSON.stringify(organisationCreate.userErrors))) : onCompleted()),
  }));
  same(connection(environment, 'Pages_forward_organisations').nodes.length, 3);
});
await done('', server);
