import type { Features } from 'corr2d';
import type { Shape } from '../../../bench/shapes.mjs';
import type { Problem } from './problem';

/* Messages between the page and the measurement worker. Times and budgets are in milliseconds. */

/**
 * The timed computation of a layer: `run` is a forward pass that is planned once, `call` plans it on each
 * call, and the others are gradients, planned on each call.
 */
export type Pass = 'run' | 'call' | 'input' | 'weight' | 'bias';

export interface Request {
  load: { threads: number | 'auto' };
  time: { problem: Problem; pass: Pass; algorithm: 'auto' | 'gemm'; budget: number };
  bench: { shape: Shape };
  speedup: null;
  strips: { height: number; width: number; kernel: number; budget: number };
}

export interface Timing {
  /** Median, in milliseconds. */
  milliseconds: number;
  algorithm: string;
  /** The result of the plan's describe(). */
  description: string;
  macs: number;
  weightBytes: number;
  workspaceBytes: number;
}

export interface BenchResult {
  macs: number;
  algorithm: string;
  loops: number;
  cold: number;
  steady: number;
  /** Whether corr2d and the loops give the same result, up to rounding. */
  agrees: boolean;
}

export interface Results {
  load: { features: Features; version: string; milliseconds: number };
  time: Timing;
  bench: BenchResult;
  /** See `measureSpeedup`. */
  speedup: number;
  /** Time for the whole image, for each strip width in outputs. */
  strips: { width: number; milliseconds: number; same: boolean }[];
}

export type Kind = keyof Request;

export interface Envelope<K extends Kind = Kind> {
  id: number;
  kind: K;
  request: Request[K];
}

export type Reply = { id: number; result: Results[Kind] } | { id: number; error: string };
