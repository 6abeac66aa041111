import * as defineMultiIn from './chapter/define-multi-in.js?code';
import * as defineMultiInPython from './chapter/define-multi-in.py?code';
import * as defineMultiInOut from './chapter/define-multi-in-out.js?code';
import * as defineMultiInOutPython from './chapter/define-multi-in-out.py?code';
import * as defineOneByOne from './chapter/define-one-by-one.js?code';
import * as defineOneByOnePython from './chapter/define-one-by-one.py?code';
import * as loadPackage from './chapter/load.js?code';
import * as loadPython from './chapter/load.py?code';
import * as multiIn from './chapter/multi-in.js?code';
import * as multiInPython from './chapter/multi-in.py?code';
import * as multiInOut from './chapter/multi-in-out.js?code';
import * as multiInOutPython from './chapter/multi-in-out.py?code';
import * as oneByOne from './chapter/one-by-one.js?code';
import * as oneByOnePython from './chapter/one-by-one.py?code';
import * as oneCall from './chapter/one-call.js?code';
import * as stack from './chapter/stack.js?code';
import * as stackPython from './chapter/stack.py?code';

/** A cell's source code, as text and as highlighted HTML. */
export interface Source {
  text: string;
  html: string;
}

/** The output that the chapter prints, or the upper limit that it asserts for a number. */
export type Expected = { text: string } | { below: number };

export interface ChapterCell {
  id: string;
  title: string;
  code: Source;
  python?: Source;
  /** Compared with the cell's output; absent if the chapter shows no value. */
  expected?: Expected;
}

const MULTI_IN = `tensor([[ 56.,  72.],
        [104., 120.]])`;

/** The chapter's examples, in the chapter's order. */
export const chapter: readonly ChapterCell[] = [
  { id: 'load', title: 'Load the package', code: loadPackage, python: loadPython },
  {
    id: 'define-multi-in',
    title: 'Several channels in, one out',
    code: defineMultiIn,
    python: defineMultiInPython,
  },
  {
    id: 'multi-in',
    title: 'The numbers of Fig. 1',
    code: multiIn,
    python: multiInPython,
    expected: { text: MULTI_IN },
  },
  {
    id: 'one-call',
    title: 'The same result in one call',
    code: oneCall,
    expected: { text: MULTI_IN },
  },
  {
    id: 'define-multi-in-out',
    title: 'Several channels out',
    code: defineMultiInOut,
    python: defineMultiInOutPython,
  },
  {
    id: 'stack',
    title: 'Three kernels in one tensor',
    code: stack,
    python: stackPython,
    expected: { text: '[3, 2, 2, 2]' },
  },
  {
    id: 'multi-in-out',
    title: 'Two channels in, three out',
    code: multiInOut,
    python: multiInOutPython,
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
    id: 'define-one-by-one',
    title: 'A 1×1 layer as a matrix product',
    code: defineOneByOne,
    python: defineOneByOnePython,
  },
  {
    id: 'one-by-one',
    title: 'Both ways give the same result',
    code: oneByOne,
    python: oneByOnePython,
    expected: { below: 1e-6 },
  },
];
