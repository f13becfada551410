// GraphQL over HTTP, as the audits of the reference implementation see it. Notices and warnings count as failures.
import { serverAudits } from 'graphql-http';
import { report, serve } from './lib.mjs';

const server = await serve();
const { fail, pass, check, done } = report('audits');
const audits = serverAudits({ url: server.url });
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status === 'ok') pass();
  else fail(`${audit.id} ${audit.name}`, `${result.status}: ${result.reason}`);
  if (result.response && !result.response.bodyUsed) await result.response.arrayBuffer().catch(() => {});
}
check('all audits are there', audits.length === 61, `${audits.length}, not 61`);
await done('', server);
