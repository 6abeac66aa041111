// Replaces main.js of an example: a client whose worker's script is hosted separately.
import { createClient } from 'corr2d/worker';

const worker = () => new Worker('dist/client-worker.js', { type: 'module' });
createClient({ threads: 'auto', worker }).then(async (client) => {
  const y = await client.corr2dMultiInOut(
    await client.ones([64, 28, 28]),
    await client.ones([64, 64, 3, 3]),
  );
  const isRight = y.data.every((value) => Math.abs(value - 576) < 0.01);
  const { threads, reason } = client.features;
  document.body.append(JSON.stringify({ threads, reason, isRight }));
});
