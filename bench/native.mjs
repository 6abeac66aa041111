// @ts-check
// Starts native.py, which runs the machine's native OpenCV, PyTorch and scikit-image.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SetupError } from '../tools/lib/run.mjs';

const PYTHON = '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('native.py', import.meta.url));

/** Starts the process. `sendRequest` sends a request and returns its response; `close` ends it. */
export async function openNative() {
  const python = spawn(PYTHON, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = new Promise((_, reject) => {
    python.on('error', reject);
    python.on('close', (status) => reject(new Error(`${PYTHON} ended with status ${status}`)));
  });
  failed.catch(() => {});
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  /** @param {object} request @returns {Promise<any>} */
  const sendRequest = async (request) => {
    python.stdin.write(`${JSON.stringify(request)}\n`);
    const { value } = await Promise.race([lines.next(), failed]);
    return JSON.parse(value);
  };
  const help =
    '--native needs numpy and OpenCV or PyTorch: apt-get install python3-opencv python3-torch python3-skimage';
  const libraries = await sendRequest({ type: 'libraries' }).catch(() => ({}));
  if (!libraries.opencv && !libraries.torch) throw new SetupError(help);
  return { sendRequest, close: () => python.kill() };
}
