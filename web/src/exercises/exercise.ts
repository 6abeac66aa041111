import type { Corr2d } from 'corr2d';
import { type Check, type CheckLabels, createCheck } from '../shared/check';
import { find, yieldToEventLoop } from '../shared/dom';

/** The dependencies that all exercises share. */
export interface ExerciseContext {
  c: Corr2d;
}

/** Calls `open` when the answer of an exercise is first opened. */
function onFirstOpen(article: HTMLElement, open: () => void): void {
  const details = find<HTMLDetailsElement>('details', article);
  details.addEventListener('toggle', () => details.open && open(), { once: true });
}

/** Creates the check of an answer and computes it when the answer is first opened. */
export function checkAnswer(
  article: HTMLElement,
  id: string,
  labels: CheckLabels,
  compute: (check: Check) => void | Promise<void>,
): void {
  onFirstOpen(article, async () => {
    const check = createCheck(find(`[data-example="${id}"]`, article), '…', labels);
    await yieldToEventLoop();
    try {
      await compute(check);
    } catch (error) {
      check.fail(error);
    }
  });
}
