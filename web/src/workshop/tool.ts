import type { Corr2d, Tensor } from 'corr2d';
import type { Link } from '../shared/link';

/** The services of the workshop for the mounted tool. */
export interface Workbench {
  readonly c: Corr2d;
  /** The state in the URL. Each tool has keys of its own. */
  readonly link: Link;
  /** Asks for a call of `process` with the current picture before the next frame. */
  refresh(): void;
}

/** A tool of the workshop while it is mounted. */
export interface Tool {
  readonly element: HTMLElement;
  /** Drawn over the picture. Its box is that of the picture on the screen. */
  readonly overlay?: Element;
  /**
   * Processes the picture (3×h×w, values from 0 to 1) and draws the results. If `live`, another frame of
   * the camera follows, and results outside the viewport need not be drawn. The workshop owns the tensor.
   * A tool without this method is shown without the picture, and the camera is stopped.
   */
  process?(picture: Tensor, live: boolean): void;
  /** Restores the state in the URL, when the tool is mounted and when the visitor opens another link. */
  restore(): void;
  /** Frees the tool's plans, tensors and observers. */
  dispose(): void;
}

export interface ToolModule {
  createTool(workbench: Workbench): Tool;
}

/** An entry of the registry: `id` is the id of the tool's panel, so that `#id` links to the tool. */
export interface ToolEntry {
  readonly id: string;
  readonly label: string;
  load(): Promise<ToolModule>;
}
