import type { Tensor } from 'corr2d';

/** One of the lab's three modes: a way to process a picture. */
export interface Mode {
  readonly id: string;
  readonly label: string;
  readonly element: HTMLElement;
  /** Processes a picture (3×h×w) and draws the results; if `live`, only those in the viewport. */
  run(X: Tensor, live: boolean): void;
  /** The weights as a value for the link; null if they are unchanged. */
  save(): string | null;
  restore(saved: string): void;
}

/** Called when a mode's weights have changed, to run it again and save the weights in the link. */
export type OnChange = () => void;

/** Weights of red, green and blue in luma (ITU-R BT.601). */
export const LUMA: readonly [number, number, number] = [0.299, 0.587, 0.114];
