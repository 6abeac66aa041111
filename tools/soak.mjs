// @ts-check
// npm run soak: computes frames in loops that yield to the event loop, in Node and in browsers, and prints the size
// of the heap and the time of a frame for each way to free tensors. Fails if a heap exceeds its bound. Times are
// only printed, because they depend on the machine and its load.
//   -- --engine node,chromium   Default: node,chromium,firefox; also webkit
//   -- --size 1080p             Default: 720p,1080p
//   -- --frames 1000            Default: 10000
//   -- --ways dispose,nothing   Default: dispose,tidy,nothing
//   -- --yields timeout         Default: immediate,timeout,message in Node, frame,timeout,message in browsers
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildPackage } from './build.mjs';
import { info, step } from './lib/log.mjs';
import { ROOT } from './lib/root.mjs';
import { capture, readArguments, reportFailure, SetupError } from './lib/run.mjs';
import { startServer } from './serve.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';
import { WAYS } from './soak/frames.mjs';

/** @typedef {import('./soak/frames.mjs').SoakOptions} SoakOptions */
/** @typedef {import('./soak/frames.mjs').SoakResult} SoakResult */

/** The longest time that a run in a browser may take. */
const TIMEOUT_MS = 60 * 60_000;

/** @type {Record<string, { width: number, height: number, boundBytes: number }>} */
const SIZES = {
  '720p': { width: 1280, height: 720, boundBytes: 512 * 2 ** 20 },
  '1080p': { width: 1920, height: 1080, boundBytes: 1024 * 2 ** 20 },
};

/** @typedef {{ tools: string[], yields: string[], run: (options: SoakOptions, url: string) => Promise<SoakResult[]> }} Engine */

const PAGE_YIELDS = ['frame', 'timeout', 'message'];

/** @type {Record<string, Engine>} */
const ENGINES = {
  node: {
    tools: [],
    yields: ['immediate', 'timeout', 'message'],
    run: async (options) => {
      const args = [join(ROOT, 'tools', 'soak', 'node.mjs'), JSON.stringify(options)];
      return JSON.parse(await capture(process.execPath, args));
    },
  },
  chromium: {
    tools: ['chromium'],
    yields: PAGE_YIELDS,
    run: (options, url) => runPage('inChromium', options, url),
  },
  firefox: {
    tools: ['firefox'],
    yields: PAGE_YIELDS,
    run: (options, url) => runPage('inFirefox', options, url),
  },
  webkit: {
    tools: ['webkit', 'xvfb', 'xauth'],
    yields: PAGE_YIELDS,
    run: (options, url) => runPage('inWebkit', options, url),
  },
};

/**
 * Runs the loops in a page, with a driver of tests/engines.
 * @param {string} driver @param {SoakOptions} options @param {string} url
 */
async function runPage(driver, options, url) {
  const drivers = await import(pathToFileURL(join(ROOT, 'tests/engines/drivers.mjs')).href);
  const page = new URL('tools/soak/page.html', url);
  page.searchParams.set('options', JSON.stringify(options));
  const { found } = await drivers[driver](page.href, { timeoutMs: TIMEOUT_MS });
  if (!Array.isArray(found)) throw new SetupError(`The page failed: ${found.message}`);
  return found;
}

/**
 * The values of an option, each of which must be in `known`.
 * @param {string} text @param {readonly string[]} known
 */
function listOf(text, known) {
  const values = text.split(',');
  const unknown = values.filter((value) => !known.includes(value));
  if (unknown.length > 0) {
    throw new SetupError(`Unknown: ${unknown.join(', ')}. Expected: ${known.join(', ')}`);
  }
  return values;
}

/**
 * The rows of the table for one engine and size, and whether each heap is within the bound.
 * @param {string} engine @param {string} size @param {string} yields @param {readonly SoakResult[]} results
 */
function formatRows(engine, size, yields, results) {
  const { boundBytes } = SIZES[size];
  return results.map(({ way, heapBytes, milliseconds }) => {
    const isWithin = heapBytes <= boundBytes;
    const cells = [
      ...[engine.padEnd(8), size.padEnd(5), yields.padEnd(9), way.padEnd(7)],
      `${Math.round(heapBytes / 2 ** 20)} MiB`.padStart(8),
      `${milliseconds.toFixed(2)} ms`.padStart(8),
      (milliseconds / results[0].milliseconds).toFixed(2),
    ];
    const note = isWithin ? '' : `  above ${boundBytes / 2 ** 20} MiB`;
    return { isWithin, text: cells.join('  ') + note };
  });
}

async function main() {
  const { values } = readArguments({
    options: {
      engine: { type: 'string', default: 'node,chromium,firefox' },
      size: { type: 'string', default: Object.keys(SIZES).join() },
      frames: { type: 'string', default: '10000' },
      ways: { type: 'string', default: Object.keys(WAYS).join() },
      yields: { type: 'string' },
    },
  });
  const engines = listOf(String(values.engine), Object.keys(ENGINES));
  const sizes = listOf(String(values.size), Object.keys(SIZES));
  const ways = listOf(String(values.ways), Object.keys(WAYS));
  const frames = Number(values.frames);
  if (!(frames >= 1)) throw new SetupError(`--frames is ${values.frames}; expected at least 1`);

  const yieldsOf = (/** @type {string} */ engine) => {
    const known = ENGINES[engine].yields;
    return listOf(String(values.yields ?? known), known);
  };
  for (const engine of engines) yieldsOf(engine);

  await ensureSystemTools(['cmake', 'ninja', 'python3'], {
    optional: engines.flatMap((name) => ENGINES[name].tools),
  });
  await ensureNodePackages();
  await buildPackage({ emscripten: await ensureEmscripten() });
  const server = await startServer({ root: ROOT, port: 0 });
  const rows = [];
  try {
    for (const engine of engines) {
      for (const size of sizes) {
        const { width, height } = SIZES[size];
        for (const yields of yieldsOf(engine)) {
          const options = { width, height, frames, ways, yields };
          const results = await step(`${engine}, ${size}, ${yields}`, () =>
            ENGINES[engine].run(options, server.url),
          );
          rows.push(...formatRows(engine, size, yields, results));
        }
      }
    }
  } finally {
    await server.close();
  }
  info(`\n${frames} frames; times relative to '${ways[0]}' in the last column`);
  for (const { text } of rows) info(text);
  if (rows.some(({ isWithin }) => !isWithin)) process.exitCode = 1;
}

main().catch(reportFailure);
