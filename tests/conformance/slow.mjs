// Clients that dribble: half a request line, headers that never end, a body that comes byte by byte, an answer that nobody
// reads, connections that say nothing. Each is cut off in time, and meanwhile others hardly notice.
import net from 'node:net';
import { bystander, full, report, serve, signedIn, sleep } from './lib.mjs';

const EACH = Number(process.env.KAFO_SLOW_CONNECTIONS ?? 40);
const LIMIT = 35_000; // every one must be closed by then

const { check, done } = report('slow');
const server = await serve();
const { authorization } = await signedIn(server, 'member');
const { hostname, port } = new URL(server.origin);
const HEAD = 'POST /graphql HTTP/1.1\r\nhost: kafo\r\ncontent-type: application/json\r\n';
const ASK = JSON.stringify({ query: '{ __schema { types { name description fields { name description args { name description } } } } }' });

/** One slow client: what it says at once, what it adds each second, whether it reads. Answers when it was cut off, in ms. */
const slow = ({ first = '', drip = '', reads = true }) => new Promise((settle) => {
  const started = Date.now();
  const socket = net.connect(port, hostname);
  // Who never got in was not cut off.
  let isIn = false;
  const over = () => { clearInterval(timer); clearTimeout(end); socket.destroy(); settle(isIn ? Date.now() - started : Infinity); };
  const timer = setInterval(() => drip && socket.writable && socket.write(drip), 1000);
  const end = setTimeout(() => { clearInterval(timer); socket.destroy(); settle(Infinity); }, LIMIT);
  socket.on('connect', () => {
    isIn = true;
    socket.write(first);
    if (reads) socket.resume();
    else socket.pause();
  });
  socket.on('close', over).on('end', over).on('error', over);
});

const KINDS = {
  'says nothing': {},
  'half a request line': { first: 'POST /gra' },
  'headers that never end': { first: HEAD, drip: 'x-a: b\r\n' },
  'a header letter by letter': { first: `${HEAD}x-a: `, drip: 'b' },
  'a body that never comes': { first: `${HEAD}content-length: 100\r\n\r\n` },
  'a body byte by byte': { first: `${HEAD}content-length: 60000\r\n\r\n{"query":"`, drip: ' ' },
  'chunks without end': { first: `${HEAD}transfer-encoding: chunked\r\n\r\n1\r\n{\r\n`, drip: '1\r\n \r\n' },
  // Large answers asked for again and again in one connection, and never read.
  // What is written meanwhile only lets the client notice that it has been cut off.
  'an answer that nobody reads': { first: `${HEAD}content-length: ${ASK.length}\r\n\r\n${ASK}`.repeat(60), drip: '\r\n', reads: false, count: Math.ceil(EACH / 10) },
};

let end = await bystander(server, { authorization });
await sleep(4000);
const alone = await end();
end = await bystander(server, { authorization });
const closed = {};
const attack = Promise.all(Object.entries(KINDS).map(async ([kind, what]) => {
  const times = await Promise.all(Array.from({ length: what.count ?? EACH }, () => slow(what)));
  closed[kind] = Math.max(...times);
  check(kind, times.every((time) => time < LIMIT), `${times.filter((time) => time >= LIMIT).length} of ${times.length} still open after ${LIMIT / 1000} s`);
}));
await attack;
const beside = await end();
check('others are served', beside.failures === 0, `${beside.failures} of ${beside.failures + beside.count} requests failed`);
check('others are served as fast', full ? beside.p99 <= alone.p99 * 2 + 2 : beside.p99 < 2000, `p99 ${alone.p99.toFixed(1)} ms alone, ${beside.p99.toFixed(1)} ms beside`);
await done(`${EACH} of each; p99 ${alone.p99.toFixed(0)} → ${beside.p99.toFixed(0)} ms; last closed after ${Object.entries(closed).map(([kind, time]) => `${kind}: ${time === Infinity ? 'never' : `${(time / 1000).toFixed(0)} s`}`).join(', ')}`, server);
