// The worker of a client whose runs report their progress after every batch of tasks. With
// `workerData.pauses` a run also waits after each report until the client's next message arrives, so
// that a test decides what happens while a run is in progress.

import { parentPort, workerData } from 'node:worker_threads';
import { stepClock } from '../stepped-clock.mjs';

stepClock();
if (workerData?.pauses) {
  // Runs yield by setImmediate. The host's own listener comes first, so a run sees what the message changed.
  globalThis.setImmediate = (callback) => parentPort.once('message', callback);
}
await import('../../../dist/client-worker.js');
