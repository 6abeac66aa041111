import type { Corr2d } from 'corr2d';
import { Verdict } from '../shared/check';
import { find } from '../shared/dom';
import { whenNearOrPrinted } from '../shared/lazy';
import type { Link } from '../shared/link';
import { GroupsFigure } from './groups-figure';
import { mountPointwise } from './pointwise-draws';
import { CHAPTER } from './settings';
import { WindowsFigure, type WindowsFigureOptions } from './windows-figure';

/** Distance to the viewport, in pixels, at which a figure is computed. */
const DISTANCE = 200;

const WINDOWS: WindowsFigureOptions = {
  start: { ...CHAPTER, inputs: 1 },
  visible: ['inputs', 'kernel'],
  key: 'fig',
  addsChannels: true,
};
const OUTPUTS: WindowsFigureOptions = {
  start: { ...CHAPTER, outputs: 3 },
  visible: ['inputs', 'outputs'],
  key: 'out',
};

/** Mounts the figures of numbers, each when it is near the viewport or printed. */
export function mountFigures(c: Corr2d, link: Link): void {
  const mount = (id: string, create: (body: HTMLElement, verdict: Verdict) => void) => {
    const root = find(`#${id}`);
    whenNearOrPrinted(root, DISTANCE, () => {
      const body = find('.figure-body', root);
      const verdict = new Verdict(root);
      create(body, verdict);
      body.after(verdict.element);
      body.dataset.mounted = '';
    });
  };
  mount('windows', (body, verdict) => new WindowsFigure(body, c, verdict, link, WINDOWS));
  mount('outputs-figure', (body, verdict) => new WindowsFigure(body, c, verdict, link, OUTPUTS));
  mount('groups-figure', (body, verdict) => new GroupsFigure(body, c, verdict, link));
  const pointwise = find('#pointwise-figure');
  whenNearOrPrinted(pointwise, DISTANCE, () => {
    mountPointwise(c, link);
    find('.figure-body', pointwise).dataset.mounted = '';
  });
}
