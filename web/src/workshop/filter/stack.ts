import type { Corr2d, Tensor } from 'corr2d';
import {
  type ColourKernel,
  GAUSSIAN,
  LUMA,
  SOBEL_X,
  SOBEL_Y,
  weighColours,
} from '../../shared/colour-kernels';
import { button, el } from '../../shared/dom';
import { KernelMatrix } from '../../shared/kernel-matrix';
import { joinNumbers, parseNumbers } from '../../shared/link';
import { PictureTile } from '../picture-tile';
import { Layer } from './layer';
import type { Mode, OnChange } from './mode';
import { NumberTable } from './number-table';

const HIDDEN = 8;
const DIRECTIONS = 6;
const CHANNELS = Array.from({ length: HIDDEN }, (_, i) => `Channel ${i}`);

/** 8×3×3×3: edges in six directions, mean brightness, and where red dominates. */
const DETECTORS: readonly ColourKernel[] = [
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

const DETECTOR_NAMES = [
  ...Array.from({ length: DIRECTIONS }, (_, d) => `Edges at ${(360 * d) / DIRECTIONS}°`),
  'Brightness',
  'Red dominates',
];

/** 3×8: a hue for each edge direction over the darkened picture, brighter where red dominates. */
const MIXTURE: number[][] = [0, 1, 2].map((colour) => [
  ...Array.from({ length: DIRECTIONS }, (_, d) => {
    const hue = (2 * Math.PI * d) / DIRECTIONS;
    return Number((0.55 * (0.5 + 0.5 * Math.cos(hue - (2 * Math.PI * colour) / 3))).toFixed(2));
  }),
  0.25,
  [0.6, 0.15, -0.1][colour] ?? 0,
]);

const INITIAL = joinNumbers([0, ...MIXTURE.flat()]);

/** How many times brighter than its values a detector's output is drawn, so that typical responses show. */
const DETECTOR_GAINS = DETECTOR_NAMES.map((name) => (name === 'Brightness' ? 1 : 2.5));

/** The third mode: a 3×3 convolution 3→8, ReLU and a 1×1 layer 8→3. */
export function stackMode(c: Corr2d, onChange: OnChange): Mode {
  let seed = 0; // seed of the first layer's random weights; 0 means DETECTORS
  const features = new Layer(c, DETECTORS, {
    padding: 1,
    paddingMode: 'replicate',
    activation: 'relu',
  });
  const mix = new Layer(c, []);
  const tiles = CHANNELS.map((name, number) => {
    const tile = new PictureTile(name, { number });
    tile.element.addEventListener('pointerenter', () => light(number));
    tile.element.addEventListener('pointerleave', () => light(null));
    return tile;
  });
  const picture = new PictureTile('Mixed picture', { kind: 'large' });
  const kernels = new KernelMatrix({
    label: 'Kernels of the first layer',
    outputs: CHANNELS.map((_, i) => String(i)),
    inputs: ['Red', 'Green', 'Blue'],
    size: [3, 3],
    kind: 'tiles',
    hues: 'colours',
    scale: 'row',
  });
  const table = new NumberTable({
    label: 'The 1×1 layer',
    rows: ['red', 'green', 'blue'],
    columns: CHANNELS.map((_, i) => String(i)),
    showNames: true,
    digits: 4,
    onChange: () => {
      applyMixture();
      onChange();
    },
    onColumn: light,
  });

  const randomButton = button('Random weights', () => {
    seed = ((crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % 99_999) + 1;
    apply(randomWeights([3, HIDDEN], 0.5) as number[][], seed);
    onChange();
  });
  const restoreButton = button('Restore the edge detectors', () => {
    randomButton.focus(); // this button hides
    apply(MIXTURE, 0);
    onChange();
  });

  /** Marks a hidden channel: its kernels, its picture and its column of weights. */
  function light(channel: number | null): void {
    kernels.choose(channel);
    table.lightColumn(channel);
    tiles.forEach((tile, i) => {
      tile.element.toggleAttribute('data-lit', i === channel);
    });
  }

  function applyMixture(): void {
    mix.setWeights(table.values.map((row) => row.map((weight) => [[weight]])));
    restoreButton.hidden = serialise() === INITIAL;
  }

  function apply(mixture: readonly (readonly number[])[], newSeed: number): void {
    seed = newSeed;
    table.values = mixture;
    applyMixture();
    const weights = seed === 0 ? DETECTORS : randomWeights([HIDDEN, 3, 3, 3], 0.4);
    features.setWeights(weights as ColourKernel[]);
    kernels.show(weights as ColourKernel[]);
    tiles.forEach((tile, i) => {
      tile.name = (seed === 0 ? DETECTOR_NAMES : CHANNELS)[i] ?? '';
      tile.note.textContent = gainOf(i) === 1 ? '' : `gain ${gainOf(i)}`;
    });
  }

  const gainOf = (channel: number): number => (seed === 0 ? (DETECTOR_GAINS[channel] ?? 1) : 1);

  function randomWeights(shape: number[], deviation: number): unknown {
    const random = c.normal(0, deviation, shape, { seed });
    try {
      return random.toArray();
    } finally {
      random.dispose();
    }
  }

  const serialise = () => joinNumbers([seed, ...table.values.flat()]);
  apply(MIXTURE, 0);

  return {
    id: 'stack',
    label: 'Stack',
    element: el(
      'div',
      { class: 'mode mode-stack' },
      el(
        'p',
        { class: 'note' },
        'A small network: eight 3×3 kernels, a ReLU, which sets negative values to zero, and a 1×1 layer from the eight channels to red, green and blue.',
      ),
      kernels.element,
      el('div', { class: 'tiles four' }, ...tiles.map((tile) => tile.element)),
      el(
        'div',
        { class: 'mode-edit' },
        table.element,
        el('div', { class: 'actions' }, randomButton, restoreButton),
      ),
      picture.element,
    ),
    run(X: Tensor, live: boolean) {
      const H = features.run(X);
      tiles.forEach((tile, i) => {
        tile.drawChannel(c, H, i, { min: 0, max: 1 / gainOf(i) }, live);
      });
      const Y = mix.run(H);
      if (picture.needsDrawing(live)) picture.draw(c.toImageData(Y));
    },
    save: () => (serialise() === INITIAL ? null : serialise()),
    restore(text) {
      const numbers = parseNumbers(text, 1 + 3 * HIDDEN);
      const [savedSeed = 0] = numbers ?? [];
      if (!numbers || !Number.isInteger(savedSeed) || savedSeed < 0) {
        apply(MIXTURE, 0);
        return;
      }
      apply(
        [0, 1, 2].map((row) => numbers.slice(1 + row * HIDDEN, 1 + (row + 1) * HIDDEN)),
        savedSeed,
      );
    },
    dispose() {
      features.dispose();
      mix.dispose();
      for (const tile of [picture, ...tiles]) tile.dispose();
    },
  };
}
