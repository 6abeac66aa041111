/*
 * The chapter's examples. Their code is in chapter/<id>.js and chapter/<id>.py; web/plugins/cells.ts writes
 * it into the page when the page is built.
 */

/** The output that the chapter prints, or the upper limit that it asserts for a number. */
export type Expected = { text: string } | { below: number };

export interface ChapterCell {
  id: string;
  title: string;
  /** Whether the chapter has this code in Python. */
  hasPython: boolean;
  /** Compared with the cell's output. */
  expected: Expected;
}

const MULTI_IN = `tensor([[ 56.,  72.],
        [104., 120.]])`;

/** The cells, in the chapter's order. */
export const chapter: readonly ChapterCell[] = [
  {
    id: 'multi-in',
    title: 'Several channels in, one out',
    hasPython: true,
    expected: { text: MULTI_IN },
  },
  {
    id: 'one-call',
    title: 'The same result in one call',
    hasPython: false,
    expected: { text: MULTI_IN },
  },
  {
    id: 'stack',
    title: 'Three kernels in one tensor',
    hasPython: true,
    expected: { text: '[3, 2, 2, 2]' },
  },
  {
    id: 'multi-in-out',
    title: 'Two channels in, three out',
    hasPython: true,
    expected: {
      text: `tensor([[[ 56.,  72.],
         [104., 120.]],

        [[ 76., 100.],
         [148., 172.]],

        [[ 96., 128.],
         [192., 224.]]])`,
    },
  },
  {
    id: 'one-by-one',
    title: 'A 1×1 layer as a matrix product',
    hasPython: true,
    expected: { below: 1e-6 },
  },
];

/** The expected output as the page shows it. */
export const describeExpected = (expected: Expected): string =>
  'text' in expected ? expected.text : `less than ${expected.below}`;
