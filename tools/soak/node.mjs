// @ts-check
// Runs the loops of `npm run soak` in this process: node tools/soak/node.mjs OPTIONS, which are JSON. Prints the
// results as JSON.
import { load } from 'corr2d';
import { runFrames } from './frames.mjs';

const results = await runFrames(load, JSON.parse(process.argv[2] ?? ''));
process.stdout.write(JSON.stringify(results));
