// Replaces main.js of an example: a client with one thread per core.
import { createClient } from 'corr2d/worker';

createClient({ threads: 'auto' })
  .then(async (client) => {
    const image = await client.ones([64, 28, 28]);
    const plan = await client.planConv2d({
      inputShape: image.shape,
      weight: await client.ones([64, 64, 3, 3]),
    });
    const { data } = await plan.run(image);
    const isRight = data.every((value) => Math.abs(value - 576) < 0.01);
    const { threads, reason } = client.features;
    document.body.append(JSON.stringify({ threads, reason, isRight }));
  })
  .catch(({ code, message }) => document.body.append(JSON.stringify({ code, message })));
