// @ts-check
// OpenCV and PyTorch as they are on this machine, in a Python that answers one question after the
// other (native.py).
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SetupError } from '../tools/lib/run.mjs';

const PYTHON = '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('native.py', import.meta.url));

/** Starts it; `ask` sends a question and gives the answer, `close` ends it. */
export async function openNative() {
  const python = spawn(PYTHON, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = new Promise((_, reject) => {
    python.on('error', reject);
    python.on('close', (status) => reject(new Error(`${PYTHON} has ended, status ${status}`)));
  });
  failed.catch(() => {});
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  /** @param {object} question @returns {Promise<any>} */
  const ask = async (question) => {
    python.stdin.write(`${JSON.stringify(question)}\n`);
    const { value } = await Promise.race([lines.next(), failed]);
    return JSON.parse(value);
  };
  const help =
    '--native needs numpy and OpenCV or PyTorch: apt-get install python3-opencv python3-torch';
  const libraries = await ask({ ask: 'libraries' }).catch(() => ({}));
  if (!libraries.opencv && !libraries.torch) throw new SetupError(help);
  return { ask, close: () => python.kill() };
}
