// @ts-check
// npm run docs: builds the demo page with the API reference in its folder api/. Unlike `npm start`, it fails
// if the reference cannot be built.
import { join } from 'node:path';
import { buildApiReference, buildPackage, buildWeb } from './build.mjs';
import { info } from './lib/log.mjs';
import { ROOT } from './lib/root.mjs';
import { reportFailure } from './lib/run.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

async function main() {
  info('Setting up');
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  const emscripten = await ensureEmscripten();

  info('Building');
  await buildPackage({ emscripten });
  await buildApiReference();
  await buildWeb();
  info(`\nThe API reference is in ${join(ROOT, 'build', 'web', 'api')}`);
}

main().catch(reportFailure);
