// @ts-check
// Emscripten's JavaScript ("glue"), which is bundled into dist/.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasThreads, VARIANTS } from '../lib/variants.mjs';

/**
 * The paths of the two glue files: of the variants without threads, and of those with threads.
 * @param {string} root
 */
export async function findGlue(root) {
  const [plainGlue, threadsGlue] = await Promise.all([
    findCommonGlue(
      VARIANTS.filter((variant) => !hasThreads(variant)),
      root,
    ),
    findCommonGlue(VARIANTS.filter(hasThreads), root),
  ]);
  return { plainGlue, threadsGlue };
}

/**
 * The glue of these variants. It depends only on the imports and exports of a binary, so it must be
 * the same for all of them.
 * @param {readonly string[]} variants @param {string} root
 */
async function findCommonGlue(variants, root) {
  const paths = variants.map((variant) => join(root, 'build', `wasm-${variant}`, 'corr2d.mjs'));
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  if (new Set(texts).size > 1) {
    throw new Error(`The glue files differ; expected the same text: ${paths.join(', ')}`);
  }
  return /** @type {string} */ (paths[0]);
}

/**
 * Removes parts of the glue that the package does not need: code that locates, fetches and compiles
 * the binary, because the package always passes `instantiateWasm`; a test for Node whose result is
 * not used; and the views of the heap as members of the module. If another version of Emscripten
 * words that code differently, it stays.
 * @type {import('rolldown').Plugin}
 */
export const trimGlue = {
  name: 'trim-glue',
  transform: {
    filter: { id: /corr2d\.mjs$/ },
    handler: (code) => ({
      code: code
        .replace(
          /if\((Module\["instantiateWasm"\])\)\{try\{return \1(\([^)]*\))\}catch\(e\)\{.*?\}\}/,
          'return $1$2;',
        )
        .replace(/var ENVIRONMENT_IS_NODE=.*?;/, '')
        .replace(/if\(ENVIRONMENT_IS_WEB\|\|ENVIRONMENT_IS_WORKER\)\{.*?\}else\{\}/, '')
        .replace(/Module\["(HEAP\w+)"\]=(\1=new \w+\(b\))/g, (_, name, assignment) => {
          // Its declaration and this statement name every view three times.
          const isUsed = code.split(new RegExp(`\\b${name}\\b`)).length - 1 > 3;
          return isUsed ? assignment : '';
        }),
      map: null,
    }),
  },
};
