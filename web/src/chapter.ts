import type { Corr2d } from 'corr2d';
import multiIn, { K, X } from './examples/multi-in.js';
import multiInCode from './examples/multi-in.js?raw';
import multiInLeadingAxis from './examples/multi-in-leading-axis.js';
import multiInLeadingAxisCode from './examples/multi-in-leading-axis.js?raw';
import multiInOut from './examples/multi-in-out.js';
import multiInOutCode from './examples/multi-in-out.js?raw';
import stackShape from './examples/stack-shape.js';
import stackShapeCode from './examples/stack-shape.js?raw';

/*
 * The chapter's examples that have one right answer. `code` is the source of the very module that
 * `run` comes from, so what is shown is what runs. `expected` is what the chapter prints, and
 * PyTorch for the chapter's code if K is stacked without its leading axis of length 1: with it the
 * stack would be 3×1×2×2×2. It is only ever shown as such, and compared with what run() returns.
 */
export interface Example {
  id: string;
  title: string;
  code: string;
  run(c: Corr2d): unknown;
  expected: string;
}

export const examples: readonly Example[] = [
  {
    id: 'multi-in',
    title: 'Two channels in, one out',
    code: multiInCode,
    run: multiIn,
    expected: `tensor([[ 56.,  72.],
        [104., 120.]])`,
  },
  {
    id: 'multi-in-leading-axis',
    title: 'The same, with a leading axis',
    code: multiInLeadingAxisCode,
    run: multiInLeadingAxis,
    expected: `tensor([[ 56.,  72.],
        [104., 120.]])`,
  },
  {
    id: 'stack-shape',
    title: 'Three kernels in one tensor',
    code: stackShapeCode,
    run: stackShape,
    expected: '[3, 2, 2, 2]',
  },
  {
    id: 'multi-in-out',
    title: 'Two channels in, three out',
    code: multiInOutCode,
    run: multiInOut,
    expected: `tensor([[[ 56.,  72.],
         [104., 120.]],

        [[ 76., 100.],
         [148., 172.]],

        [[ 96., 128.],
         [192., 224.]]])`,
  },
];

/** Fig. 7.4.1: its tensors, the output element that it marks, and that element's value. */
export const firstWindow = { X, K, row: 0, column: 0, expected: 56 } as const;

/** What the chapter lets the two ways through a 1×1 layer differ by, summed over the output. */
export const ONE_BY_ONE_LIMIT = 1e-6;
