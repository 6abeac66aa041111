// The algorithms that plans choose for the benchmark's shapes. This command records them:
//
//   node tests/js/once/choices.mjs > tests/js/once/choices.txt
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { makeData } from '../../../bench/data.mjs';
import { parseShapes } from '../../../bench/shapes.mjs';

const folder = fileURLToPath(new URL('../../../bench/shapes', import.meta.url));

/** One line per shape that has a plan: class, name and algorithm. */
export async function listChoices() {
  const { load } = await import('../../../dist/index.js');
  const c = await load({ simd: 'simd' });
  const lines = [];
  for (const file of readdirSync(folder).sort()) {
    const className = basename(file, '.txt');
    for (const shape of parseShapes(readFileSync(join(folder, file), 'utf8'), className)) {
      if (shape.kind !== 'plan') continue;
      const { batch, ci, co, groups, input, kernel, stride, dilation, pads, paddingMode } = shape;
      const isLast = shape.layout === 'nhwc';
      const plan = c.planConv2d({
        inputShape: isLast ? [batch, ...input, ci] : [batch, ci, ...input],
        weight: { data: makeData(shape).weight, shape: [co, ci / groups, ...kernel] },
        stride,
        padding: pads,
        dilation,
        groups,
        paddingMode,
        layout: shape.layout,
      });
      lines.push(`${className}: ${shape.name}: ${plan.algorithm}`);
      plan.dispose();
    }
  }
  c.dispose();
  return lines;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(`${(await listChoices()).join('\n')}\n`);
}
