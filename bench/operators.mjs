// @ts-check
// npm run bench:operators: which of corr2d's operators and options other libraries have, found out by
// asking each of them, as a table in Markdown. --write puts it into docs/comparison.md, --check fails where what
// stands there is not what was found, and --reasons prints what was answered instead. Columns of
// libraries that are not installed are not compared.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { info, step } from '../tools/lib/log.mjs';
import { readArguments, reportFailure, SetupError } from '../tools/lib/run.mjs';
import { ensureEmscripten } from '../tools/setup/emscripten.mjs';
import { ensureNodePackages } from '../tools/setup/node-packages.mjs';
import { ensureSystemTools } from '../tools/setup/system-tools.mjs';
import { ASSETS, openBrowser } from './chromium.mjs';
import { idOf, probesFor, rows } from './operators/ask.mjs';
import { askPython } from './operators/python.mjs';
import { differences, formatTable, judge, readTable, replaceTable } from './operators/table.mjs';

/** @typedef {import('./operators/table.mjs').Peer} Peer */
/** @typedef {import('./operators/data.mjs').Values} Values */

const PAGE = fileURLToPath(new URL('../docs/comparison.md', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));

async function setUp() {
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  await ensureNodePackages({ root: HERE });
  const { buildPackage } = await import('../tools/build.mjs');
  await buildPackage({ emscripten: await ensureEmscripten() });
}

/** @returns {Promise<{ own: Record<string, Values[]>, peers: Record<string, Peer | null> }>} */
async function askAll() {
  /** @param {string} peer */
  const snippets = (peer) =>
    Object.fromEntries(probesFor(peer).map(({ id, probe }) => [id, probe]));
  const browser = await openBrowser();
  try {
    const page = await browser.openPage();
    const { own, peers } = await page.evaluate(
      async (assets) => (await import('./operators/ask.mjs')).ask(assets),
      ASSETS,
    );
    const python = askPython({ torch: snippets('torch'), scipy: snippets('scipy') });
    return { own, peers: { ...python, ...peers } };
  } finally {
    await browser.close();
  }
}

/** Why those that were asked have not answered. @param {Record<string, Peer | null>} peers */
function formatReasons(peers) {
  return Object.entries(peers)
    .flatMap(([peer, found]) =>
      Object.entries(found?.answers ?? {}).flatMap(([id, answer]) =>
        'error' in answer ? [`${peer}, ${id}: ${answer.error}`] : [],
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
  const { own, peers } = await step('Asking every library', askAll);
  if (values.reasons) {
    info(formatReasons(peers));
    return;
  }
  const judged = rows.map(({ title, cases }) => ({
    title,
    cases: Object.entries(cases).map(([name, one]) => {
      const id = idOf(title, name);
      return { name, marks: judge(id, one, own[id], peers) };
    }),
  }));
  const table = formatTable(judged, peers);
  const page = readFileSync(PAGE, 'utf8');
  if (values.write) {
    const missing = Object.keys(peers).filter((peer) => peers[peer] === null);
    if (missing.length > 0) throw new SetupError(`Not installed: ${missing.join(', ')}`);
    writeFileSync(PAGE, replaceTable(page, table));
  } else if (!values.check) info(table);
  else {
    const wrong = differences(readTable(page), table);
    if (wrong.length > 0) {
      throw new SetupError(`docs/comparison.md differs from the answers:\n${wrong.join('\n')}`);
    }
    info('docs/comparison.md agrees with the answers.');
  }
}

main().catch(reportFailure);
