// Asks corr2d and the peers that are JavaScript; in a page, where all of them are at home.
import { conv2dRows, gradientRows, transposedRows } from './convolutions.mjs';
import { matrixRows, pictureRows, planeRows } from './others.mjs';
import { openPeers, valuesOf } from './peers.mjs';

/** All rows of the table. */
export const rows = [
  ...conv2dRows,
  ...transposedRows,
  ...gradientRows,
  ...matrixRows,
  ...planeRows,
  ...pictureRows,
];

/** Every case of every row, under a name that no other has. */
export const cases = rows.flatMap(({ title, cases }) =>
  Object.entries(cases).map(([name, one]) => ({ id: idOf(title, name), one })),
);

/** @param {string} title @param {string} name */
export function idOf(title, name) {
  return `${title} ${name}`;
}

/** What a peer is asked, by case: what breaks it comes last. @param {string} peer */
export function probesFor(peer) {
  const found = cases.filter(({ one }) => one[peer] !== undefined);
  const last = ({ one }) => Number(one[peer].breaks ?? false);
  return found
    .sort((a, b) => last(a) - last(b))
    .map(({ id, one }) => ({ id, probe: one[peer].probe ?? one[peer] }));
}

/** What corr2d answers, and what each peer does. @param {string} assets */
export async function ask(assets) {
  const { load } = await import('../../dist/index.js');
  const c = await load();
  const own = {};
  for (const { id, one } of cases) {
    const results = [await one.own(c)].flat();
    own[id] = results.map((result) => plain(valuesOf(result)));
  }
  const peers = {};
  for (const [peer, { version, ask }] of Object.entries(await openPeers({ threads: 1, assets }))) {
    const answers = {};
    for (const { id, probe } of probesFor(peer)) {
      const { values, error } = await ask(probe);
      answers[id] = values ? { values: values.map(plain) } : { error };
    }
    peers[peer] = { version, answers };
  }
  return { own, peers };
}

/** As JSON has it, for the way out of the page. */
const plain = ({ shape, data }) => ({ shape: [...shape], data: [...data] });
