// The worker of a client whose runs wait after each batch of tasks until the client's next message.
import './pause-runs.mjs';
import '../../dist/client-worker.js';
