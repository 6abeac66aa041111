import { stepClock } from '../js/stepped-clock.mjs';

stepClock();
