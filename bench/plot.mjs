// Draws the ratios to the faster peer as an SVG bar chart with a logarithmic scale.
import { ratioOf } from './report.mjs';

const ROW = 18;
const BAR = 11;
const LABELS = 250;
const WIDTH = 760;
const VALUES = 50;
const TOP = 52;

// As an image in a page, the SVG does not inherit the page's colours.
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .class { font-weight: 600 }
  .note { fill: #57606a }
  .faster { fill: #1a7f5a }
  .slower { fill: #c2571a }
  line { stroke: #8c959f; stroke-opacity: 0.35 }
  line.same { stroke-opacity: 1 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .note { fill: #9198a1 }
    .faster { fill: #3fb68b }
    .slower { fill: #e8894a }
  }`;

/**
 * An SVG of the shapes that have a peer, grouped by class.
 * @param {{
 *   environment: { runtime: string, cpu: string, variant: string, contenders: { threads: number }[] },
 *   results: readonly import('./session.mjs').Result[],
 * }} report
 */
export function plot({ environment, results }) {
  const rows = results
    .map((result) => ({ ...result.shape, ratio: ratioOf(result) }))
    .filter(({ ratio }) => ratio !== null);
  const powers = rows.map(({ ratio }) => Math.log2(ratio));
  const low = Math.floor(Math.min(0, ...powers));
  const high = Math.ceil(Math.max(1, ...powers));
  const scale = (WIDTH - LABELS - VALUES) / (high - low);
  const x = (power) => LABELS + (power - low) * scale;

  let y = TOP;
  const lines = [];
  let last = '';
  for (const { name, className, ratio } of rows) {
    if (className !== last) {
      y += ROW / 2;
      lines.push(text(0, y + BAR, className, 'class'));
      y += ROW;
      last = className;
    }
    const [from, to] = [0, Math.log2(ratio)].sort((a, b) => a - b).map(x);
    const kind = ratio < 1 ? 'slower' : 'faster';
    lines.push(
      text(12, y + BAR - 1, name),
      `<rect class="${kind}" x="${round(from)}" y="${y}" width="${round(to - from)}" height="${BAR}"/>`,
      text(round(x(Math.max(0, Math.log2(ratio)))) + 5, y + BAR - 1, `${ratio.toFixed(2)}×`),
    );
    y += ROW;
  }
  const height = y + 8;
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  const { runtime, cpu, variant, contenders } = environment;
  const threads = Math.max(...contenders.map((one) => one.threads));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>Speed of corr2d relative to the faster peer</title>`,
    `<style>${STYLE}\n</style>`,
    text(0, 14, 'Speed of corr2d relative to the faster peer', 'class'),
    text(
      0,
      30,
      `${runtime}, ${variant}, ${threads === 1 ? 'one thread' : `${threads} threads`} of ${cpu}`,
      'note',
    ),
    ...ticks.flatMap((power) => [
      `<line class="${power === 0 ? 'same' : 'tick'}" x1="${round(x(power))}" x2="${round(x(power))}" y1="${TOP}" y2="${height}"/>`,
      text(
        round(x(power)),
        TOP - 4,
        power < 0 ? `1/${2 ** -power}×` : `${2 ** power}×`,
        'note',
        'middle',
      ),
    ]),
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

function text(x, y, content, className = '', anchor = 'start') {
  const escaped = content.replace(/[&<>]/g, (letter) => `&#${letter.codePointAt(0)};`);
  const kind = className && ` class="${className}"`;
  const side = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return `<text x="${x}" y="${y}"${kind}${side}>${escaped}</text>`;
}

const round = (number) => Math.round(number * 10) / 10;
