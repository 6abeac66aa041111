// Rows of the table of operators: element-wise operators, reductions, and operators that move elements.
import { column, flags, matrix, positive, row, x } from '../data.mjs';
import { createModel, int64, scalar } from '../models.mjs';
import { inSteps } from '../peers.mjs';

/** @typedef {import('./types.mjs').Row} Row */

/** An operator of a 7×6 matrix and a 7×1 column, which is broadcast. */
const binary = (name, python, tfjs, ort, left = matrix) => ({
  corr2d: (c) => c.tensor(left.data, left.shape)[name](column),
  torch: python,
  tfjs: (tf, t) => t.flat(tf[tfjs](t.tensor(left), t.tensor(column))),
  ort: createModel(ort, { left, column }),
});

const unary = (name, torch, { tfjs = name, ort, opencv }, input = matrix) => ({
  corr2d: (c) => c.tensor(input.data, input.shape)[name](),
  torch,
  tfjs: (tf, t) => t.flat(tf[tfjs](t.tensor(input))),
  ort: createModel(ort, { input }),
  opencv,
});

/** An operator of OpenCV from one Mat to another. */
const opencvUnary = (name, input) => (cv, m) => {
  const to = new cv.Mat();
  cv[name](m.mat(input), to);
  return m.values(to);
};

/** A reduction of channels: `(axis, keepDims)` as corr2d and tfjs have them. */
const reduction = (name, torch, ort, axis = 1, keepDims = false, tfjs = name) => ({
  corr2d: (c) => c.tensor(x.data, x.shape)[name](axis, keepDims),
  torch,
  tfjs: (tf, t) => t.flat(tf[tfjs](t.tensor(x), axis, keepDims)),
  ort: createModel(ort, { x }, { keepdims: Number(keepDims) }, { axes: int64(...[axis].flat()) }),
});

const indices = (name, torch, ort) => ({
  corr2d: (c) => c.tensor(x.data, x.shape)[name](1),
  torch,
  tfjs: (tf, t) => t.flat(tf[name](t.tensor(x), 1)),
  ort: { ...createModel(ort, { x }, { axis: 1, keepdims: 0 }), types: { y: 'int64' } },
});

/** Images of one channel, as OpenCV has them. */
const opencvPermute = (cv, m) => {
  const to = new cv.Mat();
  cv.transpose(m.mat(matrix), to);
  return m.values(to);
};

/** @type {Row[]} */
export const arrayRows = [
  {
    title: 'element-wise with broadcasting',
    cases: {
      add: binary('add', 'matrix + column', 'add', 'Add'),
      sub: binary('sub', 'matrix - column', 'sub', 'Sub'),
      mul: binary('mul', 'matrix * column', 'mul', 'Mul'),
      div: binary('div', 'matrix / column', 'div', 'Div'),
      pow: binary('pow', 'positive ** column', 'pow', 'Pow', positive),
      maximum: binary('maximum', 'torch.maximum(matrix, column)', 'maximum', 'Max'),
      minimum: binary('minimum', 'torch.minimum(matrix, column)', 'minimum', 'Min'),
    },
  },
  {
    title: '`neg`, `exp`, `log`, `sqrt`, `clamp`',
    cases: {
      neg: unary('neg', '-matrix', { ort: 'Neg' }),
      exp: unary('exp', 'matrix.exp()', { ort: 'Exp', opencv: opencvUnary('exp', matrix) }),
      log: unary(
        'log',
        'positive.log()',
        { ort: 'Log', opencv: opencvUnary('log', positive) },
        positive,
      ),
      sqrt: unary(
        'sqrt',
        'positive.sqrt()',
        { ort: 'Sqrt', opencv: opencvUnary('sqrt', positive) },
        positive,
      ),
      clamp: {
        corr2d: (c) => c.tensor(matrix.data, matrix.shape).clamp(-0.5, 0.25),
        torch: 'matrix.clamp(-0.5, 0.25)',
        tfjs: (tf, t) => t.flat(tf.clipByValue(t.tensor(matrix), -0.5, 0.25)),
        ort: createModel('Clip', { matrix }, {}, { low: scalar(-0.5), high: scalar(0.25) }),
        opencv: inSteps((cv, m) => {
          const [low, high] = [-0.5, 0.25].map((v) => new cv.Mat(7, 6, cv.CV_32F, [v, v, v, v]));
          const to = new cv.Mat();
          cv.max(m.mat(matrix), low, to);
          cv.min(to, high, to);
          return m.values(to);
        }),
      },
    },
  },
  {
    title: '`sum`, `mean`, `max`, `min`, `argMax`, `argMin`',
    cases: {
      sum: reduction('sum', 'x.sum(1)', 'ReduceSum'),
      mean: reduction('mean', 'x.mean(1)', 'ReduceMean'),
      max: reduction('max', 'x.amax(1)', 'ReduceMax'),
      min: reduction('min', 'x.amin(1)', 'ReduceMin'),
      'several axes': reduction('sum', 'x.sum((0, 2))', 'ReduceSum', [0, 2]),
      keepDims: reduction('sum', 'x.sum(1, keepdim=True)', 'ReduceSum', 1, true),
      argMax: indices('argMax', 'x.argmax(1)', 'ArgMax'),
      argMin: indices('argMin', 'x.argmin(1)', 'ArgMin'),
    },
  },
  {
    title: '`permute`, `slice`, `split`, `concat`, `where`',
    cases: {
      permute: {
        corr2d: (c) => c.tensor(matrix.data, matrix.shape).permute([1, 0]),
        torch: 'matrix.permute(1, 0)',
        tfjs: (tf, t) => t.flat(tf.transpose(t.tensor(matrix), [1, 0])),
        ort: createModel('Transpose', { matrix }, { perm: [1, 0] }),
        opencv: opencvPermute,
      },
      slice: {
        corr2d: (c) => c.tensor(matrix.data, matrix.shape).slice([1, 2], [-1, 6]),
        torch: 'matrix[1:-1, 2:6]',
        tfjs: (tf, t) => t.flat(tf.slice(t.tensor(matrix), [1, 2], [5, 4])),
        ort: createModel('Slice', { matrix }, {}, { begin: int64(1, 2), end: int64(-1, 6) }),
        opencv: (cv, m) => {
          const to = new cv.Mat();
          m.mat(matrix)
            .roi(new cv.Rect(2, 1, 4, 5))
            .copyTo(to);
          return m.values(to);
        },
      },
      'slice with steps': {
        corr2d: (c) => c.tensor(matrix.data, matrix.shape).slice([1, 0], [7, 6], [2, 3]),
        torch: 'matrix[1:7:2, 0:6:3]',
        tfjs: (tf, t) => t.flat(tf.stridedSlice(t.tensor(matrix), [1, 0], [7, 6], [2, 3])),
        ort: createModel(
          'Slice',
          { matrix },
          {},
          { begin: int64(1, 0), end: int64(7, 6), axes: int64(0, 1), steps: int64(2, 3) },
        ),
      },
      split: {
        corr2d: (c) => c.split(matrix, [2, 4], 1),
        torch: 'matrix.split([2, 4], 1)',
        tfjs: (tf, t) => tf.split(t.tensor(matrix), [2, 4], 1).map(t.flat),
        ort: async (_, open) => {
          const { session, feeds } = await open({
            nodes: [
              {
                op: 'Split',
                inputs: ['matrix', 'sizes'],
                outputs: ['y', 'rest'],
                attributes: { axis: 1 },
              },
            ],
            inputs: { matrix },
            constants: { sizes: int64(2, 4) },
            outputs: ['y', 'rest'],
          });
          const { y, rest } = await session.run(feeds);
          return [y, rest].map(({ dims, data }) => ({ shape: dims, data }));
        },
      },
      concat: {
        corr2d: (c) => c.concat([matrix, column], 1),
        torch: 'torch.cat([matrix, column], 1)',
        tfjs: (tf, t) => t.flat(tf.concat([t.tensor(matrix), t.tensor(column)], 1)),
        ort: createModel('Concat', { matrix, column }, { axis: 1 }),
        opencv: (cv, m) => {
          const [all, to] = [new cv.MatVector(), new cv.Mat()];
          for (const one of [matrix, column]) all.push_back(m.mat(one));
          cv.hconcat(all, to);
          return m.values(to);
        },
      },
      where: {
        corr2d: (c) => c.where(flags, matrix, row),
        torch: 'torch.where(flags.bool(), matrix, row)',
        tfjs: (tf, t) =>
          t.flat(
            tf.where(tf.tensor(flags.data, flags.shape, 'bool'), t.tensor(matrix), t.tensor(row)),
          ),
        ort: {
          nodes: [
            { op: 'Cast', inputs: ['flags'], outputs: ['condition'], attributes: { to: 9 } },
            { op: 'Where', inputs: ['condition', 'matrix', 'row'], outputs: ['y'] },
          ],
          inputs: { flags, matrix, row },
        },
      },
    },
  },
];
