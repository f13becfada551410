// The client of those who script in Python; python.py has the checks.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { here, python, report, serve, signedIn, tool } from './lib.mjs';

const { fail, pass, check, done } = report('python');
const server = await serve();
const { authorization } = await signedIn(server, 'member');
const { output } = await tool(python, ['python.py', server.url, authorization]);
const [, passed, of] = output.match(/^(\d+) (\d+)$/m) ?? [];
console.log(output.replace(/^\d+ \d+\n?$/m, '').trimEnd());
if (of === undefined) fail('python.py runs to its end', output.slice(-600));
for (let count = 0; count < (of ?? 0); count += 1) if (count < passed) pass(); else fail('a check of python.py, above');
const written = readFileSync(join(here, 'python.py'), 'utf8').match(/^@test$/gm).length;
check('every check of python.py has run', Number(of) === written, `${of} of ${written}`);
await done('', server);
