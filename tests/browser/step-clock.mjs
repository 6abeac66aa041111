// Steps the clock of a worker. Import it before the client's worker.
import { stepClock } from '../js/stepped-clock.mjs';

stepClock();
