/* The scenes of the page's photographs: their kernels, their outputs, and which parts are visible. */
import {
  IDENTITY,
  LUMA,
  SEPIA,
  SOBEL_X,
  SOBEL_Y,
  scaleSlice,
  weighColours,
} from '../shared/colour-kernels';
import type { Matrix } from '../shared/grid';
import type { Layer, Weights } from './layer';

/** A layer to choose, with its name, a sentence about it, and its key in the link. */
export interface Choice extends Layer {
  id: string;
  name: string;
  note: string;
  /** Magnitude that is drawn as black or white around mid-grey; 0 for results from 0 to 1. */
  limit: number;
  /** Factor by which the sum of the partial results is drawn more strongly than they are; default 1. */
  gain?: number;
}

export interface Scene {
  /** The first one is shown at the start. */
  choices: readonly Choice[];
  /** The label of the choices. */
  choose: string;
  outputs: readonly string[];
  /** Whether the three partial results of the only output are shown. */
  hasPartials?: boolean;
  /** Whether the three outputs are shown as the colours of a picture, too. */
  isColour?: boolean;
}

const OUTLINE: Matrix = [
  [-1, -1, -1],
  [-1, 8, -1],
  [-1, -1, -1],
];
const mean = (size: number): Matrix =>
  Array.from({ length: size }, () => Array.from({ length: size }, () => 1 / (size * size)));

const ALIKE = [1 / 3, 1 / 3, 1 / 3];
const vertical = weighColours(scaleSlice(1 / 2, SOBEL_X), ALIKE);
const horizontal = weighColours(scaleSlice(1 / 2, SOBEL_Y), ALIKE);
const warm = weighColours(mean(3), [1, -1 / 2, -1 / 2]);

const kernel = (
  id: string,
  name: string,
  limit: number,
  slices: readonly Matrix[],
  note: string,
  gain = 1,
): Choice => ({ id, name, limit, note, gain, weights: [slices], groups: 1 });

const ZERO_IS_GREY = 'Zero is mid-grey.';
const EDGES = kernel(
  'edges',
  'Edges',
  0.3,
  vertical,
  `Right minus left, in all three colours alike. ${ZERO_IS_GREY}`,
);
const WARM = kernel(
  'warm',
  'Warm',
  0.6,
  warm,
  `Red minus the mean of green and blue: white and grey cancel out. ${ZERO_IS_GREY}`,
  2,
);
const RED_GREEN = kernel(
  'red-green',
  'Red − green',
  0.6,
  weighColours(mean(3), [1, -1, 0]),
  `Bright where there is more red than green; blue does not count. ${ZERO_IS_GREY}`,
  3,
);
const BLUR = kernel(
  'blur',
  'Blur',
  0,
  weighColours(mean(5), ALIKE),
  'The mean of 5×5 pixels and of three colours, from black (0) to white (1).',
);

const pointwise = (id: string, name: string, note: string, matrix: Matrix): Choice => ({
  id,
  name,
  note,
  limit: 0,
  groups: 1,
  weights: matrix.map((row) => row.map((weight) => [[weight]])),
});

const SIMPLE: Matrix[] = [SOBEL_X, SOBEL_Y, OUTLINE];
/** A layer of three kernels for the section on groups. */
const layerOfThree = (
  groups: Layer['groups'],
  name: string,
  note: string,
  weights: Weights,
): Choice => ({ id: String(groups), name, note, weights, groups, limit: 1 });

export const SCENES: Readonly<Record<string, Scene>> = {
  start: {
    choose: 'Kernel',
    choices: [EDGES, WARM, BLUR],
    outputs: ['Sum'],
    hasPartials: true,
  },
  inputs: {
    choose: 'Kernel',
    choices: [WARM, EDGES, RED_GREEN, BLUR],
    outputs: ['Sum'],
    hasPartials: true,
  },
  outputs: {
    choose: 'Kernels',
    choices: [
      {
        id: 'all',
        name: 'Three kernels',
        note: `Each row is one kernel of three slices and reads all three colours. ${ZERO_IS_GREY}`,
        limit: 0.3,
        groups: 1,
        weights: [vertical, horizontal, warm],
      },
    ],
    outputs: ['Right − left', 'Below − above', 'Warm'],
  },
  pointwise: {
    choose: 'Matrix',
    choices: [
      pointwise('sepia', 'Sepia', 'Every output is a brownish mean of the three colours.', SEPIA),
      pointwise('grey', 'Grey', 'Three equal outputs make grey.', [LUMA, LUMA, LUMA]),
      pointwise('swap', 'Swap', 'Red shows green, green shows blue, and blue shows red.', [
        [0, 1, 0],
        [0, 0, 1],
        [1, 0, 0],
      ]),
      pointwise(
        'same',
        'Unchanged',
        'The identity matrix: every output is its own input.',
        IDENTITY,
      ),
    ],
    outputs: ['Red out', 'Green out', 'Blue out'],
    isColour: true,
  },
  groups: {
    choose: 'Groups',
    choices: [
      layerOfThree(
        3,
        'groups = 3',
        '27 weights: each output reads its own colour only. Switch a colour off: only that output becomes grey.',
        SIMPLE.map((slice) => [slice]),
      ),
      layerOfThree(
        1,
        'groups = 1',
        '81 weights: each output reads all three colours. Switch a colour off: every output changes.',
        SIMPLE.map((slice) => weighColours(slice, ALIKE)),
      ),
    ],
    outputs: ['Output 0', 'Output 1', 'Output 2'],
  },
};
