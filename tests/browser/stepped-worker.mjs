// The worker of a client whose runs report their progress after each batch of tasks.
import './step-clock.mjs';
import '../../dist/client-worker.js';
