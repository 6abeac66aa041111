/* What the page and the cells' worker say to each other. */

export interface RunRequest {
  cell: string;
  code: string;
}

export interface CellError {
  /** The error's name, and the code of one of the package's own. */
  name: string;
  message: string;
  /** Where in the cell's code; absent where the engine does not tell. */
  line?: number;
}

export type RunReport =
  | { kind: 'printed'; text: string }
  | { kind: 'done'; value: string | null; milliseconds: number }
  | { kind: 'failed'; error: CellError };
