// The client of those who script in Python; python.py has the checks.
import { environment, report, serve, signedIn, tool } from './lib.mjs';
import { join } from 'node:path';

const { fail, pass, done } = report('python');
const python = environment('gql', 'gql[requests,aiohttp]==4.4.0');
const server = await serve();
const { authorization } = await signedIn(server, 'member');
const { output } = await tool(join(python, 'python'), ['python.py', server.url, authorization]);
const [, passed, of] = output.match(/^(\d+) (\d+)$/m) ?? [];
console.log(output.replace(/^\d+ \d+\n?$/m, '').trimEnd());
if (of === undefined) fail('python.py runs to its end', output.slice(-600));
for (let count = 0; count < (of ?? 0); count += 1) if (count < passed) pass(); else fail('a check of python.py, above');
await done('', server);
