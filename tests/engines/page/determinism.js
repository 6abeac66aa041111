import { differingEverywhere } from './everywhere.mjs';
import { problems } from './problems.js';

const found = await differingEverywhere(problems).catch((error) => ({ error: String(error) }));
document.documentElement.dataset.found = JSON.stringify(found);
