import type { Corr2d, Tensor } from 'corr2d';
import { Verdict } from '../shared/check';
import { messageOf } from '../shared/dom';
import { whenNearOrPrinted } from '../shared/lazy';
import type { Link } from '../shared/link';
import { PhotoFigure } from './photo-figure';
import { readPhotograph } from './photograph';
import { SCENES } from './scenes';

/** Distance to the viewport, in pixels, at which a photograph is mounted. */
const DISTANCE = 200;

/** Mounts the page's photographs when they come near the viewport or are printed. */
export function mountPhotos(c: Corr2d, link: Link): void {
  let photograph: Promise<Tensor> | null = null;
  for (const figure of document.querySelectorAll<HTMLElement>('[data-photo]')) {
    const scene = SCENES[figure.dataset.photo ?? ''];
    if (!scene) continue;
    whenNearOrPrinted(figure, DISTANCE, async () => {
      try {
        photograph ??= readPhotograph(c);
        new PhotoFigure(figure, scene, c, await photograph, link);
      } catch (error) {
        const verdict = new Verdict(figure);
        figure.append(verdict.element);
        verdict.show('error', messageOf(error));
      }
    });
  }
}
