// Rows of the table of operators: template matching, registration, and kernels of image filters.
import { image, impulse, kernel, matrix, odd, patch, rolled, twice, weights } from '../data.mjs';
import { differs, inSteps, transpose } from '../peers.mjs';
import { zeros } from './scipy.mjs';

/** @typedef {import('./types.mjs').Row} Row */

/** The methods of matchTemplate, with OpenCV's names. */
const METHODS = {
  sqdiff: 'TM_SQDIFF',
  'sqdiff-normed': 'TM_SQDIFF_NORMED',
  ccorr: 'TM_CCORR',
  'ccorr-normed': 'TM_CCORR_NORMED',
  ccoeff: 'TM_CCOEFF',
  'ccoeff-normed': 'TM_CCOEFF_NORMED',
};

/** OpenCV's scores for images and a mask that are Mats. */
function match(cv, from, template, method, mask = new cv.Mat()) {
  const scores = new cv.Mat();
  cv.matchTemplate(from, template, scores, cv[METHODS[method]], mask);
  return scores;
}

/** A case for each method. @param {(method: string) => import('./types.mjs').Case} create */
const forMethods = (create) =>
  Object.fromEntries(Object.keys(METHODS).map((method) => [method, create(method)]));

/** C×h×w as a Mat with interleaved channels, of which OpenCV has at most 4. */
const channels = (cv, values) => {
  const { shape, data } = transpose(values, [1, 2, 0]);
  return cv.matFromArray(shape[0], shape[1], cv.CV_32FC4, data);
};
const template = { shape: odd.shape.slice(1), data: odd.data.slice(0, 36) };

/** The places and scores of `findTemplate`. */
const placesOf = (all) => ({
  shape: [all.length, 3],
  data: Float32Array.from(all.flatMap(({ x, y, score }) => [x, y, score])),
});

const { torch, scipy, tfjs, ort } = zeros('valid', kernel, [0, 0, 0, 0]);

/** A kernel as OpenCV's filter shows it in a picture with a single 1. */
const response = (filter) =>
  inSteps((cv, m) => {
    const to = new cv.Mat();
    filter(cv, m.mat(impulse), to);
    return m.values(to);
  });

/** @type {Row[]} */
export const matchingRows = [
  {
    title: '`matchTemplate`',
    cases: forMethods((method) => ({
      corr2d: (c) => c.matchTemplate(matrix, kernel, { method }),
      opencv: (cv, m) => m.values(match(cv, m.mat(matrix), m.mat(kernel), method)),
      ...(method === 'ccorr' && { torch, scipy, tfjs, ort }),
      ...(method === 'ccoeff-normed' && { skimage: 'feature.match_template(matrix, kernel)' }),
    })),
  },
  {
    title: '`mask`',
    cases: forMethods((method) => ({
      corr2d: (c) => c.matchTemplate(matrix, kernel, { method, mask: weights }),
      opencv: (cv, m) => m.values(match(cv, m.mat(matrix), m.mat(kernel), method, m.mat(weights))),
    })),
  },
  {
    title: 'several channels',
    cases: {
      '': {
        corr2d: (c) => c.matchTemplate(image, template),
        opencv: (cv, m) =>
          m.values(match(cv, channels(cv, image), channels(cv, template), 'ccoeff-normed')),
        skimage: differs(
          'one mean for all channels',
          'feature.match_template(np.moveaxis(image, 0, 2), np.moveaxis(odd[0], 0, 2))[..., 0]',
        ),
      },
    },
  },
  {
    title: '`findTemplate`',
    cases: {
      'the best': {
        corr2d: (c) => placesOf(c.findTemplate(matrix, patch)),
        opencv: inSteps((cv, m) => {
          const scores = match(cv, m.mat(matrix), m.mat(patch), 'ccoeff-normed');
          const { maxLoc, maxVal } = cv.minMaxLoc(scores, new cv.Mat());
          return placesOf([{ ...maxLoc, score: maxVal }]);
        }),
        skimage: inSteps(
          '(lambda scores: np.array([[*np.unravel_index(scores.argmax(), scores.shape)[::-1], scores.max()]]))' +
            '(feature.match_template(matrix, patch))',
        ),
      },
      several: {
        corr2d: (c) => placesOf(c.findTemplate(twice, patch, { maxResults: 5 })),
        skimage: inSteps(
          '(lambda scores: np.array([[x, y, scores[y, x]] for y, x in ' +
            'feature.peak_local_max(scores, threshold_abs=0.8, exclude_border=False)]))' +
            '(feature.match_template(twice, patch))',
        ),
      },
    },
  },
  {
    title: '`phaseCorrelate`',
    cases: Object.fromEntries(
      [1, 10].map((upsample) => [
        upsample === 1 ? 'whole pixels' : 'tenths of a pixel',
        {
          corr2d: (c) => {
            const { shift } = c.phaseCorrelate(matrix, rolled, { upsample });
            return { shape: [2], data: Float32Array.from(shift) };
          },
          skimage: `registration.phase_cross_correlation(matrix, rolled, upsample_factor=${upsample})[0]`,
        },
      ]),
    ),
  },
  {
    title: '`gaussianKernel`, `boxKernel`, …',
    cases: {
      gaussian: {
        corr2d: (c) => c.gaussianKernel(0.8, 3),
        scipy: inSteps("ndimage.gaussian_filter(impulse, 0.8, truncate=1.25, mode='constant')"),
        opencv: response((cv, from, to) =>
          cv.GaussianBlur(from, to, new cv.Size(3, 3), 0.8, 0.8, cv.BORDER_CONSTANT),
        ),
      },
      box: {
        corr2d: (c) => c.boxKernel(3),
        scipy: inSteps("ndimage.uniform_filter(impulse, 3, mode='constant')"),
        opencv: response((cv, from, to) =>
          cv.blur(from, to, new cv.Size(3, 3), new cv.Point(-1, -1), cv.BORDER_CONSTANT),
        ),
      },
      // The response of a correlation is its kernel in reverse order, which negates a derivative.
      Sobel: {
        corr2d: (c) => c.sobelKernels().x,
        scipy: inSteps("-ndimage.sobel(impulse, 1, mode='constant')"),
        opencv: response((cv, from, to) =>
          cv.Sobel(from, to, cv.CV_32F, 1, 0, 3, -1, 0, cv.BORDER_CONSTANT),
        ),
      },
      Laplacian: {
        corr2d: (c) => c.laplacianKernel(),
        scipy: inSteps("ndimage.laplace(impulse, mode='constant')"),
        opencv: response((cv, from, to) =>
          cv.Laplacian(from, to, cv.CV_32F, 1, 1, 0, cv.BORDER_CONSTANT),
        ),
      },
    },
  },
];
