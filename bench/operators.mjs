// @ts-check
// npm run bench:operators: runs equivalents of corr2d's calls in other libraries and prints which of its
// operators and options each of them supports, as a Markdown table.
//   -- --write    write the table to docs/comparison.md
//   -- --check    fail if that table is not up to date; libraries that are not installed are not
//                 compared
//   -- --reasons  print the errors of the libraries
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildPackage } from '../tools/build.mjs';
import { info, step } from '../tools/lib/log.mjs';
import { readArguments, reportFailure, SetupError } from '../tools/lib/run.mjs';
import { ensureEmscripten } from '../tools/setup/emscripten.mjs';
import { ensureNodePackages } from '../tools/setup/node-packages.mjs';
import { ensureSystemTools } from '../tools/setup/system-tools.mjs';
import { ASSETS, openBrowser } from './chromium.mjs';
import { runPython } from './operators/python.mjs';
import { caseId, probesFor, rows } from './operators/run.mjs';
import {
  findDifferences,
  formatTable,
  markPeers,
  readTable,
  replaceTable,
} from './operators/table.mjs';

/** @typedef {import('./operators/table.mjs').Peer} Peer */
/** @typedef {import('./operators/data.mjs').Values} Values */

const PAGE = fileURLToPath(new URL('../docs/comparison.md', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));

async function setUp() {
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  await ensureNodePackages({ root: HERE });
  await buildPackage({ emscripten: await ensureEmscripten() });
}

/** @returns {Promise<{ own: Record<string, Values[]>, peers: Record<string, Peer | null> }>} */
async function runProbes() {
  /** @param {string} peer */
  const snippets = (peer) =>
    Object.fromEntries(probesFor(peer).map(({ id, probe }) => [id, probe]));
  const browser = await openBrowser();
  try {
    const page = await browser.openPage();
    const { own, peers } = await page.evaluate(
      async (assets) => (await import('./operators/run.mjs')).runAll(assets),
      ASSETS,
    );
    const python = runPython({
      torch: snippets('torch'),
      scipy: snippets('scipy'),
      skimage: snippets('skimage'),
    });
    return { own, peers: { ...python, ...peers } };
  } finally {
    await browser.close();
  }
}

/** The errors of the probes, one per line. @param {Record<string, Peer | null>} peers */
function formatErrors(peers) {
  return Object.entries(peers)
    .flatMap(([peer, found]) =>
      Object.entries(found?.results ?? {}).flatMap(([id, result]) =>
        'error' in result ? [`${peer}, ${id}: ${result.error}`] : [],
      ),
    )
    .join('\n');
}

async function main() {
  const { values } = readArguments({
    options: {
      check: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      reasons: { type: 'boolean', default: false },
    },
  });
  await setUp();
  const { own, peers } = await step('Running the probes', runProbes);
  if (values.reasons) {
    info(formatErrors(peers));
    return;
  }
  const marked = rows.map(({ title, cases }) => ({
    title,
    cases: Object.entries(cases).map(([name, definition]) => {
      const id = caseId(title, name);
      return { name, marks: markPeers(id, definition, own[id], peers) };
    }),
  }));
  const table = formatTable(marked, peers);
  const page = readFileSync(PAGE, 'utf8');
  if (values.write) {
    const missing = Object.keys(peers).filter((peer) => peers[peer] === null);
    if (missing.length > 0)
      throw new SetupError(`--write needs all libraries; not installed: ${missing.join(', ')}`);
    writeFileSync(PAGE, replaceTable(page, table));
  } else if (!values.check) info(table);
  else {
    const differences = findDifferences(readTable(page), table);
    if (differences.length > 0) {
      throw new SetupError(
        `The table in docs/comparison.md is outdated:\n${differences.join('\n')}`,
      );
    }
    info('The table in docs/comparison.md is up to date.');
  }
}

main().catch(reportFailure);
