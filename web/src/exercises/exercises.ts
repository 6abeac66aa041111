import type { Corr2d } from 'corr2d';
import { find } from '../shared/dom';
import type { Link } from '../shared/link';
import { backward } from './backward';
import { double } from './double';
import { equal } from './equal';
import type { Exercise } from './exercise';
import { groups } from './groups';
import { matrix } from './matrix';
import { ExerciseRow } from './row';
import { stacked } from './stacked';
import { strip } from './strip';

const EXERCISES: Readonly<Record<string, Exercise>> = {
  stacked,
  backward,
  double,
  equal,
  matrix,
  strip,
  groups,
};
/** The id of the row of exercise `name` is `exercise-name`. */
const ID_PREFIX = 'exercise-';

/** The chapter's exercises. The link's key `ex` lists the open ones; a link to one of them opens it. */
export async function mountExercises(root: HTMLElement, c: Corr2d, link: Link): Promise<void> {
  const rows = new Map<string, ExerciseRow>();
  const save = () => {
    const open = [...rows].filter(([, row]) => row.isOpen).map(([name]) => name);
    link.set('ex', open.join(',') || null);
  };
  for (const [name, exercise] of Object.entries(EXERCISES)) {
    const details = find<HTMLDetailsElement>(`[data-exercise="${name}"]`, root);
    rows.set(name, new ExerciseRow(details, exercise, { c }, save));
  }
  const restore = () => {
    const listed = new Set(link.get('ex')?.split(','));
    for (const [name, row] of rows) row.isOpen = listed.has(name);
  };
  const openLinked = () => {
    const row = rows.get(link.place.replace(ID_PREFIX, ''));
    if (row && link.place.startsWith(ID_PREFIX)) row.isOpen = true;
  };
  link.onOpen(restore);
  link.onArrival(openLinked);
  restore();
  openLinked();
}
