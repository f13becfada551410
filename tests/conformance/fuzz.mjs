// Schemathesis makes documents from the schema, right ones and wrong ones, always the same for the same seed. None may end in
// a server error, no wrong one may be accepted, no right one refused.
//
// A schema cannot say all: that an id is one of Kafo's, that a page has at most a hundred rows. A right document refused for
// such a reason is right to be refused if it says so as documented: while executing, as BAD_USER_INPUT, with a `reason`.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse, validate } from 'graphql';
import { ask, here, python, report, schema, scratch, serve, signedIn, tool } from './lib.mjs';

const SECONDS = process.env.KAFO_FUZZ_SECONDS ?? '40';
// What ends one's own sign-in would make the rest of the run anonymous.
const EXCLUDED = ['Mutation.signOut', 'Mutation.sessionRevokeAll'];
/** The tool takes a @oneOf input with a null beside the one key, or with nothing but a null, for right. graphql-js does not. */
const falseAlarm = ({ code }, document) => {
  if (code !== 'ST206') return false;
  const errors = validate(reference, parse(document));
  return errors.length > 0 && errors.every(({ message }) => /OneOf|must be non-null/.test(message));
};

const { fail, pass, check, done } = report('fuzz');
const reference = schema();
const server = await serve();
const { authorization } = await signedIn(server, 'coordinator');
const lists = ['groups', 'meetings', 'memberships', 'organisations', 'people', 'followUps', 'recommendations'];
const answered = await ask(server, `{ ${lists.map((name) => `${name}(first: 3) { nodes { id } }`).join(' ')} }`, null, { authorization });
const known = lists.flatMap((name) => answered[name].nodes.map((node) => node.id));
const events = join(scratch, `schemathesis-${process.pid}.ndjson`);
const { output } = tool(python, [
  join(here, 'fuzz.py'), 'run', server.url, '--header', `authorization: ${authorization}`, '--mode', 'all', '--max-examples', '4', '--workers', '1', '--seed', '1', '--max-time', SECONDS,
  '--no-shrink', '--continue-on-failure', '--request-timeout', '20', '--no-color', '--report', 'ndjson', '--report-ndjson-path', events, ...EXCLUDED.flatMap((name) => ['--exclude-name', name]),
], { cwd: scratch, env: { ...process.env, KAFO_KNOWN_IDS: JSON.stringify(known) } });

let lines = [];
try { lines = readFileSync(events, 'utf8').trim().split('\n').map((line) => JSON.parse(line)); } catch { fail('schemathesis runs', output.slice(-600)); }
rmSync(events, { force: true });

/** A refusal for a reason that the schema cannot express. */
const documented = (response) => {
  try {
    const { errors } = JSON.parse(Buffer.from(response.content.$base64, 'base64').toString());
    return errors.every(({ path, extensions }) => path && extensions.code === 'BAD_USER_INPUT' && /^[A-Z_]+$/.test(extensions.reason));
  } catch {
    return false;
  }
};

const cases = { positive: 0, negative: 0 };
const kinds = new Map();
let [reasons, alarms] = [0, 0];
const tried = new Set();
for (const { ScenarioFinished: scenario } of lines.filter((line) => line.ScenarioFinished)) {
  const { checks = {}, interactions = {}, cases: made = {}, label } = scenario.recorder;
  if (Object.keys(checks).length) tried.add(label);
  for (const [id, list] of Object.entries(checks)) {
    cases[made[id]?.value?.meta?.generation?.mode === 'negative' ? 'negative' : 'positive'] += 1;
    const failures = list.filter(({ status }) => status === 'failure').map((one) => one.failure_info.failure);
    const judged = failures.filter((one) => !falseAlarm(one, made[id]?.value?.body));
    const real = judged.filter((one) => one.code !== 'ST206' || !documented(interactions[id]?.response));
    alarms += failures.length - judged.length;
    reasons += judged.length - real.length;
    if (list.length === 0) fail('every document is judged', made[id]?.value?.body);
    else if (real.length === 0) pass();
    for (const one of real) {
      const kind = `${one.code} ${one.title}: ${one.message.split('\n')[0].slice(0, 120)}`;
      if (!kinds.has(kind)) kinds.set(kind, { times: 0, where: one.operation, body: made[id]?.value?.body });
      kinds.get(kind).times += 1;
    }
  }
}
for (const [kind, { times, where, body }] of kinds) fail(`${times} × ${kind}`, `e.g. ${where} ${JSON.stringify(body)?.slice(0, 250)}`);
const broken = lines.flatMap((line) => Object.entries(line)).filter(([event]) => /Error|Interrupted/.test(event));
check('schemathesis runs to its end', broken.length === 0 && lines.some((line) => line.EngineFinished), `${JSON.stringify(broken).slice(0, 200)} ${output.slice(-300)}`);
const viewer = () => ask(server, '{ viewer { account { email } } }', null, { authorization });
// The connection of the first request has been closed meanwhile, which a client learns by using it.
const asked = await viewer().catch(viewer).catch((error) => error.message);
check('who asked is still signed in', asked.viewer?.account?.email === 'coordinator@kafo.example', JSON.stringify(asked));
check('a good many cases of both kinds', cases.positive >= 30 && cases.negative >= 30, JSON.stringify(cases));
await done(`${cases.positive} right and ${cases.negative} wrong documents of ${tried.size} operations, seed 1; ${reasons} refused for a documented reason, ${alarms} false alarms about @oneOf`, server);
