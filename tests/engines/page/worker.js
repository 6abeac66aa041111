import { outcomeOf } from './outcome.js';

const { c: _, ...outcome } = await outcomeOf();
postMessage(outcome);
