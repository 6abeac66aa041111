import { svg } from '../dom';
import type { Kernel } from '../reference';

const NAMES = ['red', 'green', 'blue'];
const CELL = 6;
const GAP = 5;

/** A kernel's three layers as little mosaics: hue tells the sign, strength the size. */
export function swatch(kernel: Kernel): SVGElement {
  const largest = Math.max(...kernel.flat(2).map(Math.abs));
  const size = (kernel[0]?.length ?? 0) * CELL;
  const layers = kernel.map((plane, c) =>
    svg(
      'g',
      { transform: `translate(${c * (size + GAP)} 0)` },
      ...plane.flatMap((line, a) =>
        line.map((weight, b) =>
          svg('rect', {
            x: b * CELL,
            y: a * CELL,
            width: CELL - 0.6,
            height: CELL - 0.6,
            class: weight < 0 ? 'below' : 'above',
            'fill-opacity': (0.08 + 0.92 * Math.abs(weight / largest)).toFixed(2),
          }),
        ),
      ),
    ),
  );
  const width = kernel.length * size + (kernel.length - 1) * GAP;
  return svg(
    'svg',
    {
      class: 'swatch',
      viewBox: `0 0 ${width} ${size}`,
      width,
      height: size,
      role: 'img',
      'aria-label': `The kernel’s layers for ${NAMES.join(', ')}`,
    },
    ...layers,
  );
}
