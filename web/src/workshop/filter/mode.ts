import type { Tensor } from 'corr2d';

/** One of the three modes of Filter: a layer, or a stack of layers, that processes a picture. */
export interface Mode {
  readonly id: string;
  readonly label: string;
  readonly element: HTMLElement;
  /** Processes a picture (3×h×w) and draws the results; if `live`, only those in the viewport. */
  run(X: Tensor, live: boolean): void;
  /** The weights as a value for the link; null if they are unchanged. */
  save(): string | null;
  /** Restores weights from the link; restores the initial ones from null or anything invalid. */
  restore(saved: string | null): void;
  dispose(): void;
}

/** Called when a mode's weights have changed, to run it again and save the weights in the link. */
export type OnChange = () => void;
