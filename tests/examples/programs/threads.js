// Replaces main.js of an example: one thread per core, or one thread and the reason.
import { load } from 'corr2d';

load({ threads: 'auto' }).then((c) => {
  const { data } = c.corr2dMultiInOut(c.ones([64, 28, 28]), c.ones([64, 64, 3, 3]));
  const isRight = data.every((value) => Math.abs(value - 576) < 0.01);
  const { threads, reason } = c.features;
  document.body.append(JSON.stringify({ threads, reason, isRight }));
});
