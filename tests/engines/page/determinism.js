import { findDifferingInAllVariants } from './everywhere.mjs';
import { problems } from './problems.js';

const found = await findDifferingInAllVariants(problems).catch((error) => ({
  error: String(error),
}));
document.documentElement.dataset.found = JSON.stringify(found);
