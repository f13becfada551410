// The thread of `bystander` in lib.mjs: one short query after the other until told to stop.
import { parentPort, workerData } from 'node:worker_threads';
import { post, sleep } from './lib.mjs';

const { server, headers } = workerData;
const QUERY = { query: '{ groups(first: 1) { nodes { id name } } }' };
const PAUSE = 10;
// The first answers take longer because of this client, which compiles itself meanwhile.
const WARM_UP = 100;

let going = true;
parentPort.once('message', () => { going = false; });
const ask = () => post(server, QUERY, headers).then(({ status }) => status === 200, () => false);

for (let left = WARM_UP; left > 0; left -= 1) await ask();
parentPort.postMessage('warm');
const [times, told] = [[], { failures: 0 }];
while (going) {
  const started = performance.now();
  if (await ask()) times.push(performance.now() - started);
  else told.failures += 1;
  await sleep(PAUSE);
}
parentPort.postMessage({ ...told, times });
