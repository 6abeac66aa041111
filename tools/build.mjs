// @ts-check
// npm run build: compiles the WebAssembly variants and builds dist/. Unchanged parts are not rebuilt.
// The other build functions are exported from here for the tools, the tests and the benchmarks.
import { pathToFileURL } from 'node:url';
import { buildPackage } from './build/package.mjs';
import { reportFailure } from './lib/run.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

export { buildApiReference, buildDocs } from './build/docs.mjs';
export { bundleEntries } from './build/entries.mjs';
export { buildNative } from './build/native.mjs';
export { buildPackage, PACKAGE_SOURCES } from './build/package.mjs';
export { buildCalibration, buildSweep } from './build/wasm.mjs';
export { buildWeb, vite } from './build/web.mjs';

async function main() {
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  await buildPackage({ emscripten: await ensureEmscripten() });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main().catch(reportFailure);
