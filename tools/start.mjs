// @ts-check
// npm start: sets up, builds and serves the demo page, and opens it in a browser.
//   -- --port 8080  the first port to try
//   -- --no-open    do not open a browser
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildPackage, buildWeb } from './build.mjs';
import { info } from './lib/log.mjs';
import { ROOT } from './lib/root.mjs';
import { readArguments, reportFailure, which } from './lib/run.mjs';
import { parsePort, startServer } from './serve.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

const PAGE = join(ROOT, 'build', 'web');

/** @param {string} url */
function openBrowser(url) {
  const { env, platform } = process;
  const hasDisplay = platform === 'darwin' || env.DISPLAY || env.WAYLAND_DISPLAY;
  const opener = which(platform === 'darwin' ? 'open' : 'xdg-open');
  if (!hasDisplay || !opener || env.CI) return;
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  // Ignore failures: the URL has been printed.
  child.on('error', () => {});
  child.unref();
}

async function main() {
  const { values } = readArguments({
    options: { port: { type: 'string' }, 'no-open': { type: 'boolean', default: false } },
  });
  const port = parsePort(values.port);

  info('Setting up');
  await ensureSystemTools(['cmake', 'ninja', 'python3']);
  await ensureNodePackages();
  const emscripten = await ensureEmscripten();

  info('Building');
  await buildPackage({ emscripten });
  await buildWeb();

  const server = await startServer({ root: PAGE, port });
  info(`\nThe demo page is at ${server.url}\n(Press Ctrl-C to stop the server.)`);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(signal, () => server.close());
  }
  if (!values['no-open']) openBrowser(server.url);
}

main().catch(reportFailure);
