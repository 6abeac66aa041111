/* Messages between the page and the worker that runs the cells. */

export interface RunRequest {
  cell: string;
  code: string;
}

export interface CellError {
  /** The error's name, or the code of a Corr2dError. */
  name: string;
  message: string;
  /** Line in the cell's code, from 1; absent if the engine does not report it. */
  line?: number;
}

export type RunReport =
  | { kind: 'printed'; text: string }
  | { kind: 'done'; value: string | null; milliseconds: number }
  | { kind: 'failed'; error: CellError };
