// @ts-check
// npm start: sets up, builds and serves the demo page, and opens it in the browser.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { info } from './lib/log.mjs';
import { readArguments, reportFailure, which } from './lib/run.mjs';
import { parsePort, startServer } from './serve.mjs';
import { ensureEmscripten } from './setup/emscripten.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { ensureSystemTools } from './setup/system-tools.mjs';

const PAGE = fileURLToPath(new URL('../build/web', import.meta.url));

/** @param {string} url */
function openBrowser(url) {
  const { env, platform } = process;
  const hasDisplay = platform === 'darwin' || env.DISPLAY || env.WAYLAND_DISPLAY;
  const opener = which(platform === 'darwin' ? 'open' : 'xdg-open');
  if (!hasDisplay || !opener || env.CI) return;
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  // The URL has been printed; a browser that does not open is no error.
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
  // Only now: what it imports may come from node_modules.
  const { buildPackage, buildWeb } = await import('./build.mjs');
  await buildPackage({ emscripten });
  await buildWeb();

  const server = await startServer({ root: PAGE, port });
  info(`\ncorr2d's page is on ${server.url}\n(Ctrl-C ends the server.)`);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(signal, () => server.close());
  }
  if (!values['no-open']) openBrowser(server.url);
}

main().catch(reportFailure);
