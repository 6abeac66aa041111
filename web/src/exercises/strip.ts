import tiles from 'virtual:kernel-tiles';
import { layers } from '../measure/layers';
import { MeasureButton, type MeasureRun } from '../measure/measure-button';
import { compareWithOracle } from '../shared/compare';
import { el, find } from '../shared/dom';
import { formatSignificant } from '../shared/format';
import { withTensors } from '../shared/tensors';
import { checkAnswer, type Exercise, type ExerciseContext } from './exercise';
import { resultsTable } from './results-table';

const REQUEST = { height: 130, width: 64, kernel: 3, budget: 40 };
/** Seven widths of strips, each with its budget and as much time again to prepare it. */
const ESTIMATE = { milliseconds: 600, bytes: 2 ** 20 };

/** The use of each micro-kernel that web/plugins/facts.ts lists. */
const KERNELS: Readonly<Record<string, string>> = {
  direct: 'a few channels',
  depthwise: 'rows of one channel',
};

/** Whether the tile is the widest of its micro-kernel for its number of rows. */
const isWidest = ({ kernel, rows, columns }: (typeof tiles)[number]): boolean =>
  tiles.every(
    (other) => other.kernel !== kernel || other.rows !== rows || other.columns <= columns,
  );

/** Exercise 6: Δ outputs at once from a strip of k×(k + Δ − 1) inputs. */
function mount(root: HTMLElement, { c }: ExerciseContext): void {
  const results = el('div', { class: 'measured', role: 'status' });
  const measure = new MeasureButton({
    label: () => 'Measure strips',
    what: 'measuring strips',
    estimate: () => ESTIMATE,
    async measure({ signal }: MeasureRun) {
      const timings = await layers.queue.request('strips', REQUEST, {
        signal,
        estimate: ESTIMATE.milliseconds,
      });
      const { height, width, kernel } = REQUEST;
      const outputs = (height - kernel + 1) * width;
      results.replaceChildren(
        resultsTable(
          ['Δ', 'Read per output', 'Time per output', 'Bit-identical'],
          timings.map(({ width: delta, milliseconds, same }) => [
            String(delta),
            formatSignificant((kernel * (kernel + delta - 1)) / delta),
            `${formatSignificant((milliseconds * 1e6) / outputs)} ns`,
            same ? '✓' : '✗',
          ]),
        ),
        el(
          'p',
          { class: 'muted' },
          `An image of ${height} rows with ${width} output columns and a 3×3 kernel, cut into strips of Δ output columns. Each strip is a separate call, so narrow strips have the most overhead. From Δ = 32, a strip is wider than a tile.`,
        ),
      );
    },
  });
  find('.experiment', root).append(
    measure.row,
    results,
    resultsTable(
      ['Micro-kernel for', 'Tile', 'Sums at once', 'Registers for the sums'],
      tiles
        .filter(isWidest)
        .map(({ kernel, rows, columns }) => [
          KERNELS[kernel] ?? kernel,
          `${rows} × ${columns}`,
          String(rows * columns),
          String((rows * columns) / 4),
        ]),
    ),
  );

  void checkAnswer(
    root,
    'exercise-strip',
    {
      result: 'Equal outputs, for strips of 1 to 32 columns',
      expected: 'Expected',
      match: 'strips and the whole image are bit-identical',
      mismatch: 'strips and the whole image differ',
    },
    (check) => {
      withTensors((own) => {
        const [height, width, k] = [10, 32, 3];
        const X = own(c.normal(0, 1, [1, height, width + k - 1], { seed: 1 }));
        const K = own(c.normal(0, 1, [1, 1, k, k], { seed: 2 }));
        const whole = own(c.conv2d(X, K, { algorithm: 'direct' }));
        const rows = height - k + 1;
        let [correct, total] = [0, 0];
        for (let delta = 1; delta <= width; delta *= 2) {
          for (let left = 0; left < width; left += delta) {
            const strip = new Float32Array(height * (delta + k - 1));
            for (let i = 0; i < height; i++) {
              const from = i * (width + k - 1) + left;
              strip.set(X.data.subarray(from, from + delta + k - 1), i * (delta + k - 1));
            }
            const Y = c.conv2d(own(c.tensor(strip, [1, height, delta + k - 1])), K, {
              algorithm: 'direct',
            });
            for (let i = 0; i < rows; i++) {
              for (let j = 0; j < delta; j++) {
                total += 1;
                if (Y.data[i * delta + j] === whole.data[i * width + left + j]) correct += 1;
              }
            }
            Y.dispose();
          }
        }
        const holds = compareWithOracle(whole, X, K).holds;
        check.settle(`${correct} of ${total}`, correct === total && holds, `${total} of ${total}`);
      });
    },
  );
}

export const strip: Exercise = {
  right: 'registers',
  result: 'The registers limit Δ: sums that do not fit into them spill to memory.',
  mount,
};
