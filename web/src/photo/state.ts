/* The state of a photograph in the link: `choice.channels`, for example `edges.rb` without green. */
import { joinNumbers, parseNumbers } from '../shared/link';
import { CHANNELS, type Weights } from './layer';
import type { Choice, Scene } from './scenes';

const LETTERS = ['r', 'g', 'b'] as const;

export interface State {
  choice: Choice;
  /** Whether red, green and blue count in the sums. */
  isOn: readonly boolean[];
}

export function initialState(scene: Scene): State {
  const [choice] = scene.choices;
  if (!choice) throw new Error('a photograph needs at least one kernel to choose');
  return { choice, isOn: LETTERS.map(() => true) };
}

/** An edited 1×1 layer: a choice of its own, which no button stands for. */
export const editedChoice = (weights: Weights): Choice => ({
  id: '',
  name: 'Edited',
  note: 'Your own matrix; results are cut off below 0 and above 1.',
  weights,
  groups: 1,
  limit: 0,
});

const numbersOf = ({ weights }: Choice): string =>
  joinNumbers(weights.flatMap((kernel) => kernel.map((slice) => slice[0]?.[0] ?? 0)));

/** The text for the link; null for the initial state. */
export function formatState(scene: Scene, { choice, isOn }: State): string | null {
  if (choice === scene.choices[0] && isOn.every(Boolean)) return null;
  return `${choice.id || numbersOf(choice)}.${LETTERS.filter((_, i) => isOn[i]).join('')}`;
}

/** Parses the text of a link; anything else than such a text gives the initial state. */
export function parseState(scene: Scene, text: string | null): State {
  const [, name, letters] = /^(.+)\.(r?g?b?)$/.exec(text ?? '') ?? [];
  const initial = initialState(scene);
  if (name === undefined || letters === undefined) return initial;
  const numbers = scene.isColour ? parseNumbers(name, CHANNELS * CHANNELS) : null;
  const choice = numbers
    ? editedChoice(
        LETTERS.map((_, output) =>
          numbers.slice(output * CHANNELS, (output + 1) * CHANNELS).map((weight) => [[weight]]),
        ),
      )
    : scene.choices.find(({ id }) => id === name);
  if (!choice) return initial;
  return { choice, isOn: LETTERS.map((letter) => letters.includes(letter)) };
}
