import { readEverySource } from './image-sources.mjs';
import { load } from './node_modules/corr2d/dist/index.js';

const found = await readEverySource(await load()).catch((error) => ({ error: String(error) }));
document.documentElement.dataset.found = JSON.stringify(found);
