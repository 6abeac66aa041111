// Replaces compute.js of the Next.js example: computes with threads and with a client, on the server and
// in the browser. Both must report the same threads.
import { load } from 'corr2d';
import { createClient } from 'corr2d/worker';

export async function compute() {
  const c = await load({ threads: 'auto' });
  const client = await createClient({ threads: 'auto' });
  const input = await client.ones([64, 28, 28]);
  const weight = await client.ones([64, 64, 3, 3]);
  const results = [c.corr2dMultiInOut(input, weight), await client.corr2dMultiInOut(input, weight)];
  const isRight = results.every(({ data }) => data.every((value) => Math.abs(value - 576) < 0.01));
  const { threads, reason } = c.features;
  const isSame = client.features.threads === threads && client.features.reason === reason;
  client.dispose();
  c.dispose();
  return JSON.stringify({ threads, reason, isRight: isRight && isSame });
}
