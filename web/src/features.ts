import type { Corr2d } from 'corr2d';
import { el, find } from './dom';

const RELAXED = 'relaxed, because this browser has relaxed SIMD';
const PLAIN = 'simd, because this browser lacks relaxed SIMD';

/** Which binary load() took, and why; called without options, it takes the best that the engine has. */
const VARIANTS: Record<string, string> = {
  simd: PLAIN,
  threads: `${PLAIN}, with threads`,
  relaxed: RELAXED,
  'relaxed-threads': `${RELAXED}, with threads`,
};

/** What runs here, and why: filled from what load() has found. */
export function showFeatures(c: Corr2d, loadedIn: number): void {
  const { variant, threads, reason } = c.features;
  const items = [
    `corr2d ${c.version}`,
    `Variant ${VARIANTS[variant] ?? variant}`,
    `${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    `loaded in ${loadedIn.toFixed(loadedIn < 9.95 ? 1 : 0)} ms`,
  ];
  find('#features').replaceChildren(
    ...items.map((item) => el('li', {}, item)),
    ...(reason ? [el('li', { class: 'reason' }, reason)] : []),
  );
}
