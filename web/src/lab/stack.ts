import type { Corr2d, Tensor } from 'corr2d';
import { button, el } from '../shared/dom';
import { joinNumbers, parseNumbers } from '../shared/link';
import { Layer } from './layer';
import { LUMA, type Mode, type OnChange } from './mode';
import { NumberTable } from './number-table';
import { PictureTile } from './tile';

const HIDDEN = 8;
const DIRECTIONS = 6;
const SOBEL_X = [
  [-1, 0, 1],
  [-2, 0, 2],
  [-1, 0, 1],
];
const SOBEL_Y = [
  [-1, -2, -1],
  [0, 0, 0],
  [1, 2, 1],
];
const GAUSSIAN = [
  [1, 2, 1],
  [2, 4, 2],
  [1, 2, 1],
].map((row) => row.map((w) => w / 16));

const weighColours = (plane: number[][], colours: readonly number[]): number[][][] =>
  colours.map((colourWeight) => plane.map((row) => row.map((weight) => colourWeight * weight)));

/** 8×3×3×3: edges in six directions, mean brightness, and where red dominates. */
const FIRST_LAYER: number[][][][] = [
  ...Array.from({ length: DIRECTIONS }, (_, d) => {
    const angle = (2 * Math.PI * d) / DIRECTIONS;
    const plane = SOBEL_X.map((row, i) =>
      row.map((w, j) => Math.cos(angle) * w + Math.sin(angle) * (SOBEL_Y[i]?.[j] ?? 0)),
    );
    return weighColours(plane, LUMA);
  }),
  weighColours(GAUSSIAN, LUMA),
  weighColours(GAUSSIAN, [1, -0.5, -0.5]),
];

const NAMES = [
  ...Array.from({ length: DIRECTIONS }, (_, d) => `Edges at ${(360 * d) / DIRECTIONS}°`),
  'Brightness',
  'Red dominates',
];

/** 3×8: a hue for each edge direction over the darkened picture, brighter where red dominates. */
const SECOND_LAYER: number[][] = [0, 1, 2].map((colour) => [
  ...Array.from({ length: DIRECTIONS }, (_, d) => {
    const hue = (2 * Math.PI * d) / DIRECTIONS;
    return Number((0.55 * (0.5 + 0.5 * Math.cos(hue - (2 * Math.PI * colour) / 3))).toFixed(2));
  }),
  0.25,
  [0.6, 0.15, -0.1][colour] ?? 0,
]);

/** The third mode: a 3×3 convolution 3→8, ReLU and a 1×1 layer 8→3. */
export function stackMode(c: Corr2d, onChange: OnChange): Mode {
  let seed = 0; // seed of the first layer's random weights; 0 means FIRST_LAYER
  const features = new Layer(c, FIRST_LAYER, {
    padding: 1,
    paddingMode: 'replicate',
    activation: 'relu',
  });
  const mix = new Layer(
    c,
    SECOND_LAYER.map((row) => row.map((w) => [[w]])),
  );
  const hidden = NAMES.map((name) => new PictureTile(name, 'small'));
  const picture = new PictureTile('Mixed again', 'large');

  const applyMix = () => mix.setWeights(weights.values.map((row) => row.map((w) => [[w]])));
  const weights = new NumberTable({
    label: 'The 1×1 layer',
    rows: ['red', 'green', 'blue'],
    columns: Array.from({ length: HIDDEN }, (_, i) => String(i)),
    showNames: true,
    onChange: () => {
      applyMix();
      onChange();
    },
  });
  weights.values = SECOND_LAYER;

  function applyFeatures(): void {
    if (seed === 0) {
      features.setWeights(FIRST_LAYER);
      return;
    }
    const random = c.normal(0, 0.4, [HIDDEN, 3, 3, 3], { seed });
    features.setWeights(random.toArray() as unknown as number[][][][]);
    random.dispose();
  }
  function setWeights(mixture: readonly (readonly number[])[], newSeed: number): void {
    seed = newSeed;
    weights.values = mixture;
    applyFeatures();
    applyMix();
    onChange();
  }
  const shuffle = () => {
    const newSeed = ((crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % 99_999) + 1;
    const random = c.normal(0, 0.5, [3, HIDDEN], { seed: newSeed });
    setWeights(random.toArray() as unknown as number[][], newSeed);
    random.dispose();
  };
  const serialise = () => joinNumbers([seed, ...weights.values.flat()]);
  const initial = serialise();

  return {
    id: 'stack',
    label: 'A stack of layers',
    element: el(
      'div',
      { class: 'mode mode-stack' },
      el(
        'div',
        { class: 'mode-edit' },
        el(
          'p',
          { class: 'note' },
          'A small network: a 3×3 convolution from 3 channels to 8, a ReLU, which sets negative values to zero, and a 1×1 layer from 8 channels to 3. The first layer detects edges in six directions; the last gives each direction a colour.',
        ),
        el('div', { class: 'numbers-scroll' }, weights.element),
        el(
          'div',
          { class: 'actions' },
          button('Random weights', shuffle),
          button('Restore the edge detectors', () => setWeights(SECOND_LAYER, 0), 'ghost'),
        ),
      ),
      el('div', { class: 'tiles' }, picture.element),
      el('div', { class: 'tiles four' }, ...hidden.map((tile) => tile.element)),
    ),
    run(X: Tensor, live: boolean) {
      const H = features.run(X);
      hidden.forEach((tile, i) => {
        tile.drawChannel(c, H, i, { min: 0, max: i < DIRECTIONS ? 0.8 : 1 }, live);
      });
      const Y = mix.run(H);
      if (picture.needsDrawing(live)) picture.draw(c.toImageData(Y));
    },
    save: () => (serialise() === initial ? null : serialise()),
    restore(text) {
      const numbers = parseNumbers(text, 1 + 3 * HIDDEN);
      const [savedSeed = 0] = numbers ?? [];
      if (!numbers || !Number.isInteger(savedSeed) || savedSeed < 0) return;
      setWeights(
        [0, 1, 2].map((row) => numbers.slice(1 + row * HIDDEN, 1 + (row + 1) * HIDDEN)),
        savedSeed,
      );
    },
  };
}
