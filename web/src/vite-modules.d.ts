declare module 'virtual:bench-shapes' {
  import type { Shape } from '../../bench/shapes.mjs';

  const shapes: readonly Shape[];
  export default shapes;
}

declare module 'virtual:kernel-tiles' {
  const tiles: readonly { kernel: string; rows: number; columns: number }[];
  export default tiles;
}

declare module 'virtual:recipes' {
  /** A recipe of README.md. It uses these stand-ins for the globals of the same names. */
  interface Recipe {
    default(
      console: { log(...values: unknown[]): void },
      document: { querySelector(selector: string): Element | null },
    ): Promise<void>;
  }
  const recipes: Record<string, () => Promise<Recipe>>;
  export default recipes;
}

declare module 'virtual:formulas.css';
