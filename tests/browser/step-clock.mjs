// Steps the clock of a worker; an import runs it before the worker of the client.
import { stepClock } from '../js/stepped-clock.mjs';

stepClock();
