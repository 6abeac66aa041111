// Computes with threads and with a client that has threads, in any runtime.
import { load } from 'corr2d';
import { createClient } from 'corr2d/worker';

const isRight = ({ data }) => data.every((value) => Math.abs(value - 576) < 0.01);
const c = await load({ threads: 2 });
const client = await createClient({ threads: 2 });
const image = await client.ones([64, 28, 28]);
const weight = await client.ones([64, 64, 3, 3]);
const plan = await client.planConv2d({ inputShape: image.shape, weight });
const progress = [];
const y = await plan.run(image, { onProgress: (...given) => progress.push(given) });
const controller = new AbortController();
const aborted = client.relu([1], { signal: controller.signal }).catch((reason) => reason);
controller.abort('no more');
const codeOf = ({ code }) => code;
const codes = [await client.corr2d([[1], [2, 3]], [[1]]).catch(codeOf)];
const last = client.relu([1]).catch(codeOf);
const { features } = client;
client.dispose();
codes.push(await last);
// The process must end although this client is not disposed of.
await createClient();
console.log(
  JSON.stringify({
    threads: [c.features.threads, features.threads],
    isRight: [isRight(c.corr2dMultiInOut(image, weight)), isRight(y)],
    reportsProgress: progress.at(-1)?.[0] === plan.tasks,
    aborted: await aborted,
    codes,
  }),
);
