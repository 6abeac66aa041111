import type { Matrix } from './grid';

const SVG = 'http://www.w3.org/2000/svg';

function svg(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  return node;
}

/**
 * Draws a slice of a kernel (kh×kw) as squares: one colour for positive and one for negative weights, the
 * stronger the larger the weight is. A weight of magnitude `limit` or more is drawn in full colour.
 */
export function drawKernelTile(slice: Matrix, limit: number): SVGElement {
  const [height, width] = [slice.length, slice[0]?.length ?? 0];
  const tile = svg('svg', {
    class: 'kernel-tile',
    viewBox: `0 0 ${width} ${height}`,
    'aria-hidden': 'true',
  });
  slice.forEach((row, i) => {
    row.forEach((weight, j) => {
      tile.append(
        svg('rect', {
          class: weight < 0 ? 'negative' : 'positive',
          x: j + 0.04,
          y: i + 0.04,
          width: 0.92,
          height: 0.92,
          'fill-opacity': limit > 0 ? Math.min(1, Math.abs(weight) / limit).toFixed(3) : 0,
        }),
      );
    });
  });
  return tile;
}
