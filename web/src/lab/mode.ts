import type { Tensor } from 'corr2d';

/** One of the lab's three ways to treat a picture. */
export interface Mode {
  readonly id: string;
  readonly label: string;
  readonly element: HTMLElement;
  /** Computes from a picture, 3×h×w, and draws what comes out: if it is live, what of it is seen. */
  run(X: Tensor, live: boolean): void;
  /** Its weights as a link carries them; null where none has been changed. */
  save(): string | null;
  restore(saved: string): void;
}

/** What a mode asks for when its weights have changed: to be run again, and saved. */
export type OnChange = () => void;

export const LUMA: readonly [number, number, number] = [0.299, 0.587, 0.114];
