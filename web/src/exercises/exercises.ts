import type { Corr2d } from 'corr2d';
import { find } from '../shared/dom';
import { mountBackward } from './backward';
import { mountDouble } from './double';
import { mountEqual } from './equal';
import type { ExerciseContext } from './exercise';
import { mountGroups } from './groups';
import { mountMatrix } from './matrix';
import { mountStacked } from './stacked';
import { mountStrip } from './strip';

const EXERCISES: Readonly<
  Record<string, (article: HTMLElement, context: ExerciseContext) => void>
> = {
  stacked: mountStacked,
  backward: mountBackward,
  double: mountDouble,
  equal: mountEqual,
  matrix: mountMatrix,
  strip: mountStrip,
  groups: mountGroups,
};

/** The chapter's exercises, each with an experiment and a check. */
export async function mountExercises(root: HTMLElement, c: Corr2d): Promise<void> {
  const context: ExerciseContext = { c };
  for (const [name, mount] of Object.entries(EXERCISES)) {
    mount(find(`[data-exercise="${name}"]`, root), context);
  }
}
