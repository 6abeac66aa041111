// Rows of the table of operators: interpolation and pixelShuffle.
import { depthwise, matrix } from '../data.mjs';
import { createModel, int64, plane } from '../models.mjs';
import { differs } from '../peers.mjs';

/** @typedef {import('./types.mjs').Row} Row */

const image = plane(matrix);
const asImage = ({ shape, data }) => ({ shape: [1, 1, ...shape], data });

/** `interpolate` of an image of one channel to a size. Python's libraries take the matrix. */
function interpolation(options, size, { torch, scipy, skimage, tfjs, ort, opencv }) {
  const { mode, alignCorners = false, antialias = false } = options;
  const python = [
    `size=(${size})`,
    `mode='${mode}'`,
    ...(mode === 'nearest' ? [] : [`align_corners=${alignCorners ? 'True' : 'False'}`]),
    ...(antialias ? ['antialias=True'] : []),
  ];
  return {
    corr2d: (c) => c.interpolate(image, { size, ...options }),
    torch: torch ?? `F.interpolate(matrix[None, None], ${python.join(', ')})`,
    scipy,
    skimage,
    tfjs: tfjs && ((tf, t) => t.nchw(tfjs(tf, t.nhwc(image), size))),
    ort: ort && {
      nodes: [
        { op: 'Resize', inputs: ['image', '', '', 'sizes'], outputs: ['y'], attributes: ort },
      ],
      inputs: { image },
      constants: { sizes: int64(1, 1, ...size) },
    },
    opencv:
      opencv &&
      ((cv, m) => {
        const to = new cv.Mat();
        cv.resize(m.mat(matrix), to, new cv.Size(size[1], size[0]), 0, 0, cv[opencv]);
        return asImage(m.values(to));
      }),
  };
}

const halfPixel = { coordinate_transformation_mode: 'half_pixel' };
const bilinear = (alignCorners) => (tf, x, size) =>
  tf.image.resizeBilinear(x, size, alignCorners, !alignCorners);
const zoom = (options) => `ndimage.zoom(matrix, (10 / 7, 9 / 6), ${options})[None, None]`;
const resize = (size, options) => `transform.resize(matrix, (${size}), ${options})[None, None]`;
const shuffled = { shape: [1, 8, 3, 2], data: depthwise.data };
const unshuffled = { shape: [1, 2, 4, 6], data: depthwise.data };

/** @type {Row[]} */
export const resizeRows = [
  {
    title: '`interpolate`',
    cases: {
      nearest: interpolation({ mode: 'nearest' }, [10, 9], {
        tfjs: (tf, x, size) => tf.image.resizeNearestNeighbor(x, size),
        ort: {
          mode: 'nearest',
          nearest_mode: 'floor',
          coordinate_transformation_mode: 'asymmetric',
        },
        opencv: 'INTER_NEAREST',
      }),
      bilinear: interpolation({ mode: 'bilinear' }, [10, 9], {
        scipy: zoom("order=1, mode='nearest', grid_mode=True"),
        skimage: resize('10, 9', "order=1, mode='edge', anti_aliasing=False"),
        tfjs: bilinear(false),
        ort: { mode: 'linear', ...halfPixel },
        opencv: 'INTER_LINEAR',
      }),
      bicubic: interpolation({ mode: 'bicubic' }, [10, 9], {
        ort: { mode: 'cubic', ...halfPixel },
        opencv: 'INTER_CUBIC',
      }),
      alignCorners: interpolation({ mode: 'bilinear', alignCorners: true }, [10, 9], {
        scipy: zoom('order=1'),
        tfjs: bilinear(true),
        ort: { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
      }),
      antialias: interpolation({ mode: 'bilinear', antialias: true }, [3, 4], {
        skimage: differs(
          'a Gaussian first',
          resize('3, 4', "order=1, mode='edge', anti_aliasing=True"),
        ),
        ort: { mode: 'linear', antialias: 1, exclude_outside: 1, ...halfPixel },
      }),
    },
  },
  {
    title: '`pixelShuffle`, `pixelUnshuffle`',
    cases: {
      shuffle: {
        corr2d: (c) => c.pixelShuffle(shuffled, 2),
        torch: 'F.pixel_shuffle(depthwise.reshape(1, 8, 3, 2), 2)',
        tfjs: differs('channels in another order', (tf, t) =>
          t.nchw(tf.depthToSpace(t.nhwc(shuffled), 2)),
        ),
        ort: createModel('DepthToSpace', { shuffled }, { blocksize: 2, mode: 'CRD' }),
      },
      unshuffle: {
        corr2d: (c) => c.pixelUnshuffle(unshuffled, 2),
        torch: 'F.pixel_unshuffle(depthwise.reshape(1, 2, 4, 6), 2)',
        ort: differs(
          'channels in another order',
          createModel('SpaceToDepth', { unshuffled }, { blocksize: 2 }),
        ),
      },
    },
  },
];
