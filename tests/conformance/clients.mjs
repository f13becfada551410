// The clients that partners use, unchanged: Apollo Client, urql with graphcache, graphql-request. What is expected of GET and
// persisted documents stands in docs/api.md.
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { relayStylePagination } from '@apollo/client/utilities';
import { Client, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { buildClientSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema } from 'graphql';
import { GraphQLClient } from 'graphql-request';
import { ask, get, must, post, report, schema, serve, signedIn, sleep } from './lib.mjs';

const server = await serve();
const { test, done } = report('clients');
const headers = await signedIn(server, 'secretary');
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

const GROUPS = `query Groups($first: Int, $after: String, $last: Int, $before: String) {
  groups(first: $first, after: $after, last: $last, before: $before, orderBy: [{ field: NAME }]) {
    edges { cursor node { id name version } }
    pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
  }
}`;
const ORGANISATIONS = `query Organisations($first: Int, $after: String) {
  organisations(first: $first, after: $after) { edges { cursor node { id name } } pageInfo { hasNextPage endCursor hasPreviousPage startCursor } }
}`;
const RENAME = `mutation Rename($input: GroupUpdateInput!) {
  groupUpdate(input: $input) { group { id name version } userErrors { __typename code message field ... on ConflictError { currentVersion } } }
}`;
const same = (one, other) => must(JSON.stringify(one) === JSON.stringify(other), `${JSON.stringify(one)} is not ${JSON.stringify(other)}`);

const all = (await ask(server, '{ organisations(first: 6) { nodes { id } } }', null, headers)).organisations.nodes.map((one) => one.id);
must(all.length === 6, 'the example data has six organisations');
const { meetings } = await ask(server, '{ meetings(first: 1) { nodes { group { id name } } } }', null, headers);
const group = meetings.nodes[0].group;

const introspected = await post(server, { query: getIntrospectionQuery({ descriptions: true, oneOf: true, inputValueDeprecation: true, specifiedByUrl: true, schemaDescription: true, directiveIsRepeatable: true }) });
await test('introspection gives the published schema', () => {
  must(introspected.body?.data && !introspected.body.errors, introspected.text.slice(0, 200));
  const print = (one) => printSchema(lexicographicSortSchema(one)).split('\n').filter((line) => line.trim()).sort();
  const [given, promised] = [new Set(print(buildClientSchema(introspected.body.data))), new Set(print(schema()))];
  const odd = [...promised].filter((line) => !given.has(line)).concat([...given].filter((line) => !promised.has(line)));
  must(odd.length === 0, `only in one of the two: ${odd.slice(0, 6).join(' | ')}`);
});

// --- Apollo Client -----------------------------------------------------------------------------

const sent = [];
const watched = async (url, options) => {
  const answer = await fetch(url, options);
  sent.push({ method: options.method, status: answer.status, type: answer.headers.get('content-type') });
  return answer;
};
const apollo = (link = {}) => new ApolloClient({
  cache: new InMemoryCache({
    possibleTypes: Object.fromEntries(introspected.body.data.__schema.types.filter((type) => type.possibleTypes).map((type) => [type.name, type.possibleTypes.map((one) => one.name)])),
    typePolicies: { Query: { fields: { organisations: relayStylePagination() } } },
  }),
  link: link instanceof ApolloLink ? link : new HttpLink({ uri: server.url, fetch: watched, headers, ...link }),
});
/** The error of an operation that must fail. */
const refused = async (client, query) => {
  const { error } = await client.query({ query, errorPolicy: 'all' });
  must(CombinedGraphQLErrors.is(error), `no GraphQL errors but ${error}`);
  return error.errors[0];
};

await test('Apollo: a query', async () => {
  const { data } = await apollo().query({ query: gql(GROUPS), variables: { first: 2 } });
  must(data.groups.edges.length > 0, data);
});
await test('Apollo: the second query comes from the cache', async () => {
  const client = apollo();
  await client.query({ query: gql(GROUPS), variables: { first: 2 } });
  const before = sent.length;
  await client.query({ query: gql(GROUPS), variables: { first: 2 } });
  same(sent.length, before);
});
await test('Apollo: relayStylePagination joins pages', async () => {
  const client = apollo();
  const watch = client.watchQuery({ query: gql(ORGANISATIONS), variables: { first: 3 } });
  const subscription = watch.subscribe(() => {});
  const { data } = await watch.result?.() ?? await client.query({ query: gql(ORGANISATIONS), variables: { first: 3 } });
  await watch.fetchMore({ variables: { first: 3, after: data.organisations.pageInfo.endCursor } });
  await sleep(50);
  const { organisations } = watch.getCurrentResult().data;
  subscription.unsubscribe();
  same(organisations.edges.map((edge) => edge.node.id), all);
});
await test('Apollo: a mutation changes what the cache shows', async () => {
  const client = apollo();
  const query = gql`query One($id: ID!) { group(by: { id: $id }) { id name version } }`;
  const { data } = await client.query({ query, variables: { id: group.id } });
  const input = { id: group.id, expectedVersion: data.group.version, name: `${group.name} (renommé)` };
  const operator = await signedIn(server, 'operation');
  const { data: changed } = await client.mutate({ mutation: gql(RENAME), variables: { input }, context: { headers: operator } });
  same(changed.groupUpdate.userErrors, []);
  same(client.readQuery({ query, variables: { id: group.id } }).group.name, input.name);
});
await test('Apollo: user errors are data', async () => {
  const { data, error } = await apollo().mutate({ mutation: gql(RENAME), variables: { input: { id: 'grp_00000000000070008000000000ffffff', expectedVersion: 1, name: 'x' } } });
  must(!error, error);
  same(data.groupUpdate.userErrors[0].__typename, 'NotFoundError');
});
await test('Apollo: node refetches by id', async () => {
  const { data } = await apollo().query({ query: gql`query Node($id: ID!) { node(id: $id) { id ... on Group { name } } }`, variables: { id: group.id } });
  same(data.node.id, group.id);
});
await test('Apollo: an error of the execution', async () => {
  const error = await refused(apollo(), gql`{ groups(first: 101) { totalCount } }`);
  same([error.extensions.code, error.path], ['BAD_USER_INPUT', ['groups']]);
});
await test('Apollo: partial data beside an error', async () => {
  const { data, error } = await apollo().query({ query: gql`{ node(id: "grp_no") { id } viewer { isAdmin } }`, errorPolicy: 'all' });
  must(CombinedGraphQLErrors.is(error), error);
  same([data?.node, data?.viewer?.isAdmin], [null, false]);
});
await test('Apollo: an error of the validation, as 400 in graphql-response+json', async () => {
  const error = await refused(apollo(), gql`{ nope }`);
  same(error.extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  same(sent.at(-1).status, 400);
  must(/graphql-response\+json/.test(sent.at(-1).type), sent.at(-1));
});
await test('Apollo: a token that does not hold', async () => {
  const error = await refused(apollo({ headers: { authorization: 'Bearer no' } }), gql`{ viewer { isAdmin } }`);
  same([error.extensions.code, sent.at(-1).status], ['UNAUTHENTICATED', 401]);
});
await test('Apollo: GET for queries', async () => {
  const { data } = await apollo({ useGETForQueries: true }).query({ query: gql(GROUPS), variables: { first: 1 } });
  same([data.groups.edges.length, sent.at(-1).method], [1, 'GET']);
});
await test('Apollo: automatic persisted queries, first unknown, then known', async () => {
  const client = () => apollo(new PersistedQueryLink({ sha256 }).concat(new HttpLink({ uri: server.url, fetch: watched, headers })));
  const before = sent.length;
  for (const _ of [1, 2]) must((await client().query({ query: gql(GROUPS), variables: { first: 1 } })).data.groups.edges.length === 1);
  same(sent.length - before, 3);
});
await test('Apollo: automatic persisted queries by GET', async () => {
  const link = new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(new HttpLink({ uri: server.url, fetch: watched, headers }));
  await apollo(link).query({ query: gql(ORGANISATIONS), variables: { first: 1 } });
  await apollo(link).query({ query: gql(ORGANISATIONS), variables: { first: 1 } });
  same(sent.at(-1).method, 'GET');
});

// --- GET and persisted documents as they go over the wire ---------------------------------------

await test('GET: the operation by its name', async () => {
  const { status, body } = await get(server, { query: 'query A { __typename } query B { b: __typename }', operationName: 'B' });
  same([status, body?.data], [200, { b: 'Query' }]);
});
await test('GET: no mutation', async () => {
  const { status, headers: answered } = await get(server, { query: 'mutation { signOut { userErrors { code } } }' });
  same([status, answered.get('allow')], [405, 'POST']);
});
await test('GET: ETag, then 304 without a body', async () => {
  const first = await get(server, { query: GROUPS, variables: { first: 2 } }, headers);
  const tag = first.headers.get('etag');
  must(tag, 'no ETag');
  const again = await get(server, { query: GROUPS, variables: { first: 2 } }, { ...headers, 'if-none-match': tag });
  same([again.status, again.text], [304, '']);
  for (const [what, variables, who] of [['other variables', { first: 1 }, headers], ['another viewer', { first: 2 }, await signedIn(server, 'outsider')], ['nobody', { first: 2 }, {}]])
    same([what, (await get(server, { query: GROUPS, variables }, { ...who, 'if-none-match': tag })).status], [what, 200]);
});
await test('GET: a change ends the 304', async () => {
  const query = `{ group(by: { id: "${group.id}" }) { name version } }`;
  const first = await get(server, { query }, headers);
  const tag = first.headers.get('etag');
  must(tag, 'no ETag');
  await ask(server, RENAME, { input: { id: group.id, expectedVersion: first.body.data.group.version, name: group.name } }, await signedIn(server, 'operation'));
  const again = await get(server, { query }, { ...headers, 'if-none-match': tag });
  same([again.status, again.body?.data.group.name], [200, group.name]);
});
const persisted = (hash) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: hash } } });
await test('APQ: an unknown hash', async () => {
  const { body } = await post(server, persisted(sha256('{ unknown }')));
  same(body?.errors?.[0].extensions.code, 'PERSISTED_QUERY_NOT_FOUND');
  same(body.errors[0].message, 'PersistedQueryNotFound');
});
await test('APQ: a hash that is not that of the query', async () => {
  const { status, body } = await post(server, { query: '{ __typename }', ...persisted(sha256('{ other }')) });
  must(status === 400 && body?.errors && !('data' in body), `${status} ${JSON.stringify(body)}`);
  same((await post(server, persisted(sha256('{ other }')))).body?.errors?.[0].extensions.code, 'PERSISTED_QUERY_NOT_FOUND');
});
await test('APQ: an invalid document is not kept', async () => {
  const query = '{ nopeNope }';
  await post(server, { query, ...persisted(sha256(query)) });
  same((await post(server, persisted(sha256(query)))).body?.errors?.[0].extensions.code, 'PERSISTED_QUERY_NOT_FOUND');
});
await test('documentId: sha256:…, registered by APQ, then asked by POST and GET', async () => {
  const query = '{ d: __typename }';
  await post(server, { query, ...persisted(sha256(query)) });
  const documentId = `sha256:${sha256(query)}`;
  same((await post(server, { documentId })).body?.data, { d: 'Query' });
  same((await get(server, { documentId })).body?.data, { d: 'Query' });
});
await test('documentId: unknown', async () => {
  const { status, body } = await post(server, { documentId: `sha256:${sha256('{ nothing }')}` });
  must(status >= 400 && status < 500, `status ${status}`);
  same(body?.errors?.[0].extensions.code, 'PERSISTED_QUERY_NOT_FOUND');
});

// --- urql, graphql-request -----------------------------------------------------------------------

const urql = (options = {}) => new Client({
  url: server.url,
  preferGetMethod: false,
  fetchOptions: { headers },
  exchanges: [cacheExchange({ schema: introspected.body.data, resolvers: { Query: { organisations: relayPagination() } } }), fetchExchange],
  ...options,
});
const settled = async (operation) => {
  const { data, error } = await operation.toPromise();
  if (error) throw error;
  return data;
};
await test('urql: graphcache joins pages', async () => {
  const client = urql();
  const first = await settled(client.query(ORGANISATIONS, { first: 3 }));
  const both = await settled(client.query(ORGANISATIONS, { first: 3, after: first.organisations.pageInfo.endCursor }));
  same(both.organisations.edges.map((edge) => edge.node.id), all);
});
await test('urql: a mutation changes what the cache shows', async () => {
  const client = urql({ fetchOptions: { headers: await signedIn(server, 'operation') } });
  const query = 'query One($id: ID!) { group(by: { id: $id }) { id name version } }';
  const before = await settled(client.query(query, { id: group.id }));
  const input = { id: group.id, expectedVersion: before.group.version, name: 'Groupe Exemple' };
  same((await settled(client.mutation(RENAME, { input }))).groupUpdate.userErrors, []);
  same(client.readQuery(query, { id: group.id })?.data.group.name, input.name);
});
await test('urql: a conflict says the version that stands', async () => {
  const client = urql({ fetchOptions: { headers: await signedIn(server, 'operation') } });
  const { groupUpdate } = await settled(client.mutation(RENAME, { input: { id: group.id, expectedVersion: 1, name: 'Autre' } }));
  must(groupUpdate.userErrors[0].__typename === 'ConflictError' && groupUpdate.userErrors[0].currentVersion > 1, groupUpdate);
});
await test('urql: GET', async () => {
  const data = await settled(urql({ preferGetMethod: 'force', exchanges: [fetchExchange] }).query(GROUPS, { first: 1 }));
  same(data.groups.edges.length, 1);
});
await test('urql: errors with their code', async () => {
  const { error } = await urql().query('{ groups(after: "no") { totalCount } }', {}).toPromise();
  same([error?.graphQLErrors[0]?.extensions.code, error?.graphQLErrors[0]?.extensions.reason], ['BAD_USER_INPUT', 'INVALID_CURSOR']);
});
const plain = new GraphQLClient(server.url, { headers });
await test('graphql-request: a query', async () => same((await plain.request('query ($id: ID!) { group(by: { id: $id }) { id } }', { id: group.id })).group.id, group.id));
await test('graphql-request: an error of the validation', async () => {
  const error = await plain.request('{ nope }').then(() => null, (thrown) => thrown);
  same([error?.response?.status, error?.response?.errors?.[0]?.extensions.code], [400, 'GRAPHQL_VALIDATION_FAILED']);
});
await test('graphql-request: GET', async () => must((await new GraphQLClient(server.url, { method: 'GET', headers }).request(GROUPS, { first: 1 })).groups.edges.length === 1));
await done('', server);
