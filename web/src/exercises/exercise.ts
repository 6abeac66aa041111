import type { Corr2d } from 'corr2d';
import { type Check, type CheckLabels, createCheck } from '../shared/check';
import { find, yieldToEventLoop } from '../shared/dom';

/** The dependencies that all exercises share. */
export interface ExerciseContext {
  c: Corr2d;
}

export interface Exercise {
  /** The value of the right choice, or the right number. */
  right: string | number;
  /** A sentence with the result that the visitor's guess is compared with. */
  result: string;
  /** Adds the experiment, and computes the checks, when the answer is first shown. */
  mount(root: HTMLElement, context: ExerciseContext): void;
}

/** Creates the check of an answer and computes it. */
export async function checkAnswer(
  root: HTMLElement,
  id: string,
  labels: CheckLabels,
  compute: (check: Check) => void | Promise<void>,
): Promise<void> {
  const check = createCheck(find(`[data-example="${id}"]`, root), '…', labels);
  await yieldToEventLoop();
  try {
    await compute(check);
  } catch (error) {
    check.fail(error);
  }
}
