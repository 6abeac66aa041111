// Runs the calls of corr2d and the probes of the JavaScript libraries, in a page.
import { openPeers, toValues } from './peers.mjs';
import { arrayRows } from './rows/arrays.mjs';
import { conv2dRows } from './rows/conv2d.mjs';
import { imageRows } from './rows/images.mjs';
import { layerRows } from './rows/layers.mjs';
import { matchingRows } from './rows/matching.mjs';
import { normalisationRows } from './rows/normalisation.mjs';
import { poolRows } from './rows/pools.mjs';
import { resizeRows } from './rows/resize.mjs';
import { scipyRows } from './rows/scipy.mjs';
import { gradientRows, transposedRows } from './rows/transposed.mjs';
import { volumeRows } from './rows/volumes.mjs';

/** All rows of the table. */
export const rows = [
  ...conv2dRows,
  ...transposedRows,
  ...volumeRows,
  ...gradientRows,
  ...scipyRows,
  ...layerRows,
  ...poolRows,
  ...arrayRows,
  ...normalisationRows,
  ...resizeRows,
  ...imageRows,
  ...matchingRows,
];

/** @param {string} title @param {string} name */
export function caseId(title, name) {
  return `${title} ${name}`;
}

/** All cases of all rows, with unique ids. */
export const cases = rows.flatMap(({ title, cases }) =>
  Object.entries(cases).map(([name, definition]) => ({ id: caseId(title, name), definition })),
);

/** The probes of a library. Those that leave it unusable come last. @param {string} peer */
export function probesFor(peer) {
  const known = cases.filter(({ definition }) => definition[peer] !== undefined);
  const breaks = ({ definition }) => Number(definition[peer].breaks ?? false);
  return known
    .sort((a, b) => breaks(a) - breaks(b))
    .map(({ id, definition }) => ({ id, probe: definition[peer].probe ?? definition[peer] }));
}

/**
 * The results of corr2d and of each JavaScript library, by case.
 * @param {string} assets The folder of the libraries' packages.
 */
export async function runAll(assets) {
  const { load } = await import('../../dist/index.js');
  const c = await load();
  const own = {};
  for (const { id, definition } of cases) {
    const results = [await definition.corr2d(c)].flat();
    own[id] = results.map((result) => toJson(toValues(result)));
  }
  const peers = {};
  for (const [peer, { version, run }] of Object.entries(await openPeers({ threads: 1, assets }))) {
    const results = {};
    for (const { id, probe } of probesFor(peer)) {
      const { values, error } = await run(probe);
      results[id] = values ? { values: values.map(toJson) } : { error };
    }
    peers[peer] = { version, results };
  }
  return { own, peers };
}

/** Values as plain arrays, which can leave the page. */
const toJson = ({ shape, data }) => ({ shape: [...shape], data: [...data] });
