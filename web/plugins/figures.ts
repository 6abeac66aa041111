import type { Plugin } from 'vite';
import { windowSum } from '../src/shared/oracle.ts';

/** Placeholder of a figure for readers without scripts. */
const PLACEHOLDER = /<!-- figure (\w+) -->/g;

type Matrix = readonly (readonly number[])[];
type IsLit = (row: number, column: number) => boolean;

const [FIRST, SECOND]: [Matrix, Matrix] = [
  [
    [0, 1, 2],
    [3, 4, 5],
    [6, 7, 8],
  ],
  [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ],
];
const KERNEL: readonly Matrix[] = [
  [
    [0, 1],
    [2, 3],
  ],
  [
    [1, 2],
    [3, 4],
  ],
];

const addTo = (slices: readonly Matrix[], term: number): Matrix[] =>
  slices.map((slice) => slice.map((row) => row.map((weight) => weight + term)));

/** The layer's output (rows×columns) for one kernel, in double precision. */
const correlate = (inputs: readonly Matrix[], kernel: readonly Matrix[]): number[][] => {
  const size = (inputs[0]?.length ?? 0) - (kernel[0]?.length ?? 0) + 1;
  const sample = (c: number, i: number, j: number) => inputs[c]?.[i]?.[j] ?? 0;
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => windowSum(sample, kernel, i, j).value),
  );
};

const grid = (caption: string, values: Matrix, isLit: IsLit) => `<table class="grid">
  <caption>${caption}</caption>
  ${values.map((row, i) => `<tr>${row.map((value, j) => `<td${isLit(i, j) ? ' data-lit' : ''}>${value}</td>`).join('')}</tr>`).join('\n')}
</table>`;

/** The markup of a kernel matrix with its inputs and outputs, as the page's scripts build it. */
function layer(inputs: readonly Matrix[], kernels: readonly (readonly Matrix[])[]): string {
  const size = kernels[0]?.[0]?.length ?? 1;
  const isFirstWindow: IsLit = (i, j) => i < size && j < size;
  const above = inputs.map(
    (input, c) =>
      `<div class="kernel-column" style="--input: ${c}" data-channel="${c}">${grid(`Input ${c}`, input, isFirstWindow)}</div>`,
  );
  const rows = kernels.map((kernel, o) => {
    const isChosen = o === 0;
    const cells = kernel.map(
      (slice, c) =>
        `<div class="kernel-cell" style="--input: ${c}" data-channel="${c}">${grid(`from input ${c}`, slice, () => isChosen)}</div>`,
    );
    const name = kernels.length === 1 ? 'Output' : `Output ${o}`;
    const isFirst: IsLit = (i, j) => isChosen && i === 0 && j === 0;
    const output = grid(name, correlate(inputs, kernel), isFirst);
    return `<div class="kernel-row" style="--output: ${o}"${isChosen ? ' data-chosen' : ''}>${cells.join('')}<div class="kernel-output">${output}</div></div>`;
  });
  return `<div class="kernel-matrix" data-layout="matrix" data-ends="outputs" style="--inputs: ${inputs.length}">
<div class="kernel-columns">${above.join('')}</div>${rows.join('')}</div>`;
}

const CHANNELS = [0, 1, 2, 3];
const WINDOW = [0, 1, 2];

/** The squares of a 3×3 slice: some weights, which only the picture needs. */
function tile(output: number, input: number): string {
  const squares = WINDOW.flatMap((i) =>
    WINDOW.map((j) => {
      const weight = ((7 * output + 5 * input + 4 * i + 2 * j) % 9) / 4 - 1;
      const sign = weight < 0 ? 'negative' : 'positive';
      return `<rect class="${sign}" x="${j + 0.04}" y="${i + 0.04}" width="0.92" height="0.92" fill-opacity="${Math.abs(weight)}"/>`;
    }),
  );
  return `<svg class="kernel-tile" viewBox="0 0 3 3" aria-hidden="true">${squares.join('')}</svg>`;
}

/** The kernel matrix of a layer with two groups. */
function groupedKernels(): string {
  const name = (text: string) => `<span class="kernel-name">${text}</span>`;
  const columns = CHANNELS.map(
    (c) =>
      `<div class="kernel-column" style="--input: ${c}" data-channel="${c}">${name(`Input ${c}`)}</div>`,
  );
  const cell = (o: number, c: number) => {
    const isInBlock = Math.floor(o / 2) === Math.floor(c / 2);
    return `<div class="kernel-cell${isInBlock ? '' : ' empty'}" style="--input: ${c}">${isInBlock ? tile(o, c) : ''}</div>`;
  };
  const rows = CHANNELS.map(
    (o) =>
      `<div class="kernel-row" style="--output: ${o}">${name(`Output ${o}`)}${CHANNELS.map((c) => cell(o, c)).join('')}</div>`,
  );
  return `<div class="kernel-matrix" data-kind="tiles" data-layout="matrix" data-ends="none" style="--inputs: 4">
<div class="kernel-columns">${columns.join('')}</div>${rows.join('')}</div>`;
}

const FIGURES: Readonly<Record<string, () => string>> = {
  /** The chapter's Fig. 7.4.1, with its sum. */
  windows: () =>
    `${layer([FIRST, SECOND], [KERNEL])}<p class="sum">(0·0 + 1·1 + 3·2 + 4·3) + (1·1 + 2·2 + 4·3 + 5·4) = <strong>56</strong></p>`,
  /** The chapter's three kernels. */
  outputs: () => layer([FIRST, SECOND], [KERNEL, addTo(KERNEL, 1), addTo(KERNEL, 2)]),
  /** The shape of the chapter's Fig. 7.4.2, with whole numbers. */
  pointwise: () =>
    layer(
      [FIRST, SECOND, addTo([FIRST], 2)[0] ?? []],
      [
        [[[1]], [[0]], [[-1]]],
        [[[2]], [[-1]], [[1]]],
      ],
    ),
  groups: groupedKernels,
};

/** Writes figures into the page for readers without scripts, at <!-- figure name -->. */
export const figures: Plugin = {
  name: 'figures',
  transformIndexHtml: {
    order: 'pre',
    handler: (html) =>
      html.replace(PLACEHOLDER, (_, name: string) => {
        const figure = FIGURES[name];
        if (!figure)
          throw new Error(`<!-- figure ${name} -->: expected one of ${Object.keys(FIGURES)}`);
        return `<noscript>${figure()}</noscript>`;
      }),
  },
};
