import type { Features } from 'corr2d';
import type { Shape } from '../../../bench/shapes.mjs';
import type { Problem } from './problem';

/* What the page and the measuring worker say to each other. */

export type Direction = 'forward' | 'backward';

export interface Request {
  load: { threads: number | 'auto' };
  time: { problem: Problem; direction: Direction; budget: number };
  bench: { shape: Shape };
  speedup: null;
  strips: { height: number; width: number; kernel: number; budget: number };
}

export interface Timing {
  /** Median, in milliseconds. */
  milliseconds: number;
  algorithm: string;
  /** The plan's own words. */
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
  /** Whether the results of both are the same, but for rounding. */
  agrees: boolean;
}

export interface Answer {
  load: { features: Features; version: string; milliseconds: number };
  time: Timing;
  bench: BenchResult;
  /** See `probe`. */
  speedup: number;
  /** Milliseconds for the whole picture, by the width of a strip of outputs. */
  strips: { width: number; milliseconds: number; same: boolean }[];
}

export type Kind = keyof Request;

export interface Envelope<K extends Kind = Kind> {
  id: number;
  kind: K;
  request: Request[K];
}

export type Reply = { id: number; answer: Answer[Kind] } | { id: number; error: string };
