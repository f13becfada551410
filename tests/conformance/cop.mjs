// The twelve checks of graphql-cop, restated. What Kafo answers otherwise than that tool would have it is argued in
// docs/api.md, "What we chose": introspection, and the explorer page at `/`.
import { get, must, post, report, serve, signedIn } from './lib.mjs';

const server = await serve();
const { test, done } = report('cop');
const member = await signedIn(server, 'member');
const repeat = (count, make) => Array.from({ length: count }, (_, at) => make(at)).join(' ');
/** It must be refused as a whole, before anything runs. */
const refused = ({ status, body, text }) => must(status >= 400 && status < 500 && body?.errors?.length && !('data' in body), `${status} ${text.slice(0, 160)}`);

await test('1 aliases: a hundred and one of one field', async () => refused(await post(server, { query: `{ ${repeat(101, (at) => `a${at}: __typename`)} }` }, member)));
await test('1 aliases: thirty are allowed, thirty-one are not', async () => {
  const query = (count) => `{ viewer { ${repeat(count, (at) => `a${at}: isAdmin`)} } }`;
  must((await post(server, { query: query(30) }, member)).body?.data, 'thirty');
  refused(await post(server, { query: query(31) }, member));
});
await test('2 batches: an array of ten operations', async () => refused(await post(server, Array(10).fill({ query: '{ __typename }' }), member)));
await test('3 directives: ten on one field', async () => refused(await post(server, { query: `{ __typename ${'@aa'.repeat(10)} }` }, member)));
await test('3 directives: hundreds of valid ones', async () => refused(await post(server, { query: `{ viewer { ${repeat(300, (at) => `... @include(if: true) { isAdmin }`)} } }` }, member)));
await test('4 fields: five hundred times the same', async () => refused(await post(server, { query: `{ ${'__typename '.repeat(500)} }` }, member)));
await test('5 introspection that goes round in circles is bounded', async () => {
  let query = 'name';
  for (let depth = 0; depth < 12; depth += 1) query = `fields { type { ${query} } }`;
  refused(await post(server, { query: `{ __schema { types { ${query} } } }` }));
});
await test('6 introspection itself is allowed, by our choice, and costs a bounded time', async () => {
  const started = performance.now();
  const { body } = await post(server, { query: '{ __schema { types { name fields(includeDeprecated: true) { name args { name type { name kind ofType { name kind ofType { name kind } } } } } } } }' });
  must(body?.data && performance.now() - started < 5000, `${Math.round(performance.now() - started)} ms`);
});
await test('7 suggestions: a mistaken name gets no list of what there is', async () => {
  // The schema is public: a suggestion tells nothing new. What must not be told is what the asker wrote.
  const { text } = await post(server, { query: '{ groupz(secret: "motdepasse") { totalCount } }' });
  must(!/motdepasse/.test(text), text);
});
await test('8 the explorer loads nothing from elsewhere', async () => {
  const answer = await fetch(server.origin, { headers: { accept: 'text/html' } });
  const page = await answer.text();
  const policy = answer.headers.get('content-security-policy') ?? '';
  must(!/(src|href)=["']?(https?:)?\/\//i.test(page), page.match(/(src|href)=["']?(https?:)?\/\/[^"'> ]*/i)?.[0]);
  must(/default-src 'none'|default-src 'self'/.test(policy) && !/unsafe-eval/.test(policy), `content-security-policy: ${policy}`);
  must(/frame-ancestors 'none'/.test(policy), 'nobody may frame it');
});
await test('8 GraphQL itself never answers with a page', async () => {
  const { status, text, headers } = await get(server, {}, { accept: 'text/html' });
  must(status >= 400 && !/html/.test(headers.get('content-type')) && !/<html/i.test(text), `${status} ${headers.get('content-type')}`);
});
await test('9 mutations by GET', async () => must((await get(server, { query: 'mutation { signOut { userErrors { code } } }' }, member)).status === 405));
await test('10 queries by GET do not work for other sites', async () => {
  // Queries by GET are offered; what makes a browser send them without asking first must not carry rights: there are no cookies.
  const { headers } = await get(server, { query: '{ viewer { isAdmin } }' }, { origin: 'https://elsewhere.example', cookie: 'token=x' });
  must(!headers.get('access-control-allow-origin'), headers.get('access-control-allow-origin'));
  must(!headers.get('set-cookie'), 'a cookie');
});
for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])
  await test(`11 posts of ${type}`, async () => {
    const body = type.startsWith('application') ? 'query=%7B__typename%7D' : '{"query":"{ __typename }"}';
    must((await post(server, body, { 'content-type': type })).status === 415);
  });
await test('12 tracing and debugging tell nothing', async () => {
  for (const query of ['{ __typename }', '{ nope }', '{ node(id: "x") { id } }']) {
    const { text } = await post(server, { query }, { ...member, 'x-apollo-tracing': '1', 'apollo-tracing': '1', debug: '1' });
    must(!/tracing|stacktrace|exception|\.rs\b|panicked/i.test(text), text.slice(0, 200));
  }
});
await done('', server);
