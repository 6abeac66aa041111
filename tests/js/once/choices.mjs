// What plans choose for the benchmark's shapes. Prints the list that choices.test.mjs holds plans to:
//
//   node tests/js/once/choices.mjs > tests/js/once/choices.txt
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { makeData } from '../../../bench/data.mjs';
import { parseShapes } from '../../../bench/shapes.mjs';

const folder = fileURLToPath(new URL('../../../bench/shapes', import.meta.url));

/** A line for each shape that has a plan. */
export async function choices() {
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
  process.stdout.write(`${(await choices()).join('\n')}\n`);
}
