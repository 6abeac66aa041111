declare module 'virtual:bench-shapes' {
  import type { Shape } from '../../bench/shapes.mjs';

  const shapes: readonly Shape[];
  export default shapes;
}

declare module 'virtual:kernel-tiles' {
  const tiles: readonly { kernel: string; rows: number; columns: number }[];
  export default tiles;
}

declare module 'virtual:formulas.css';
