/* Runs measurements in a worker, so that the page stays responsive. */
import { type Corr2d, load, type Tensor } from 'corr2d';
import { withTensorsAsync } from '../shared/tensors';
import { convolveWithLoops } from './loops';
import type { BenchResult, Envelope, Kind, Reply, Request, Results, Timing } from './messages';
import { measureSpeedup } from './speedup';
import { LONG_RUN_MS, medianTime, timeOnce } from './time';

interface Loaded {
  c: Corr2d;
  milliseconds: number;
}

let loaded: Promise<Loaded> | null = null;

async function loadTimed(threads: number | 'auto'): Promise<Loaded> {
  const begin = performance.now();
  const c = await load({ threads });
  return { c, milliseconds: performance.now() - begin };
}

/** The worker's instance. It is loaded once; the first load decides the number of threads. */
async function loadedCorr2d(): Promise<Corr2d> {
  loaded ??= loadTimed(1);
  return (await loaded).c;
}

function time(c: Corr2d, request: Request['time']): Promise<Timing> {
  const { problem, pass, algorithm, budget } = request;
  return withTensorsAsync(async (own) => {
    const { h, w, ci, co, k, stride, padding, groups } = problem;
    const options = { stride, padding, groups, algorithm };
    const input = own(c.normal(0, 1, [ci, h, w], { seed: 1 }));
    const weight = own(c.normal(0, 1, [co, ci / groups, k, k], { seed: 2 }));
    const plan = c.planConv2d({ inputShape: [ci, h, w], weight, ...options });
    try {
      const out = own(c.zeros(plan.outputShape));
      const work = () => {
        if (pass === 'run') plan.run(input, out);
        else if (pass === 'call') c.conv2d(input, weight, options).dispose();
        else {
          const gradients = c.conv2dBackward(out, input, weight, { ...options, gradients: [pass] });
          gradients[pass].dispose();
        }
      };
      let milliseconds = timeOnce(work);
      if (milliseconds < LONG_RUN_MS) {
        await plan.warmup();
        milliseconds = medianTime(work, budget);
      }
      return {
        milliseconds,
        algorithm: plan.algorithm,
        description: plan.describe(),
        macs: plan.macs,
        weightBytes: plan.weightBytes,
        workspaceBytes: plan.workspaceBytes,
      };
    } finally {
      plan.dispose();
    }
  });
}

const LOOPS_BUDGET_MS = 60;
const STEADY_BUDGET_MS = 120;

function bench(c: Corr2d, { shape }: Request['bench']): Promise<BenchResult> {
  return withTensorsAsync(async (own) => {
    const { ci, co, groups, input, kernel, stride, dilation, pads } = shape;
    const X = own(c.normal(0, 1, [ci, ...input], { seed: 3 }));
    const K = own(c.normal(0, 1, [co, ci / groups, ...kernel], { seed: 4 }));
    const [x, k] = [X.data.slice(), K.data.slice()];
    const y = new Float32Array(co * shape.output[0] * shape.output[1]);
    const begin = performance.now();
    const plan = c.planConv2d({
      inputShape: X.shape,
      weight: K,
      stride: stride as [number, number],
      dilation: dilation as [number, number],
      padding: pads as [number, number, number, number],
      groups,
    });
    try {
      const Y = own(plan.run(X));
      const cold = performance.now() - begin;
      await plan.warmup();
      const steady = medianTime(() => void plan.run(X, Y), STEADY_BUDGET_MS);
      const run = () => convolveWithLoops(shape, x, k, y);
      // The loops are slow, and their time varies little between runs.
      const loops = medianTime(run, LOOPS_BUDGET_MS, 1);
      return {
        macs: plan.macs,
        algorithm: plan.algorithm,
        loops,
        cold,
        steady,
        agrees: areClose(Y.data, y),
      };
    } finally {
      plan.dispose();
    }
  });
}

/** Whether all elements agree within 1e-4 of the root mean square of `b`. */
function areClose(a: Float32Array, b: Float32Array): boolean {
  if (a.length !== b.length) return false;
  const scale = Math.sqrt(b.reduce((sum, value) => sum + value * value, 0) / b.length);
  return scale > 0 && a.every((value, i) => Math.abs(value - (b[i] as number)) <= 1e-4 * scale);
}

/** Computes a one-channel image in strips of Δ output columns; each reads Δ + k − 1 input columns. */
function strips(
  c: Corr2d,
  { height, width, kernel, budget }: Request['strips'],
): Promise<Results['strips']> {
  return withTensorsAsync(async (own) => {
    const picture = own(c.normal(0, 1, [1, height, width + kernel - 1], { seed: 5 }));
    const weight = own(c.normal(0, 1, [1, 1, kernel, kernel], { seed: 6 }));
    const whole = own(c.conv2d(picture, weight, { algorithm: 'direct' }));
    const rows = whole.shape[1] as number;
    const found: Results['strips'] = [];
    for (let strip = 1; strip <= width; strip *= 2) {
      const inputWidth = strip + kernel - 1;
      const plan = c.planConv2d({
        inputShape: [1, height, inputWidth],
        weight,
        algorithm: 'direct',
      });
      try {
        const inputs: Tensor[] = [];
        for (let left = 0; left < width; left += strip) {
          const columns = new Float32Array(height * inputWidth);
          for (let i = 0; i < height; i++) {
            const from = i * (width + kernel - 1) + left;
            columns.set(picture.data.subarray(from, from + inputWidth), i * inputWidth);
          }
          inputs.push(own(c.tensor(columns, [1, height, inputWidth])));
        }
        const out = own(c.zeros(plan.outputShape));
        let same = true;
        inputs.forEach((input, n) => {
          plan.run(input, out);
          for (let i = 0; i < rows; i++) {
            for (let j = 0; j < strip; j++) {
              same &&= out.data[i * strip + j] === whole.data[i * width + n * strip + j];
            }
          }
        });
        const milliseconds = medianTime(() => {
          for (const input of inputs) plan.run(input, out);
        }, budget);
        found.push({ width: strip, milliseconds, same });
      } finally {
        plan.dispose();
      }
    }
    return found;
  });
}

async function handle({ kind, request }: Envelope): Promise<Results[Kind]> {
  switch (kind) {
    case 'load': {
      loaded ??= loadTimed((request as Request['load']).threads);
      const { c, milliseconds } = await loaded;
      return { features: { ...c.features }, version: c.version, milliseconds };
    }
    case 'time':
      return time(await loadedCorr2d(), request as Request['time']);
    case 'bench':
      return bench(await loadedCorr2d(), request as Request['bench']);
    case 'speedup':
      return measureSpeedup(await loadedCorr2d());
    case 'strips':
      return strips(await loadedCorr2d(), request as Request['strips']);
  }
}

const post = (reply: Reply) => self.postMessage(reply);

self.addEventListener('message', async ({ data }: MessageEvent<Envelope>) => {
  try {
    post({ id: data.id, result: await handle(data) });
  } catch (error) {
    post({ id: data.id, error: error instanceof Error ? error.message : String(error) });
  }
});
