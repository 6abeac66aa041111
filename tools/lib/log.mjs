// @ts-check
// Output of the tools: one line per step, with its progress and duration.

const PLAIN_INTERVAL_MS = 10_000;
const TTY_INTERVAL_MS = 250;

/** @param {number} milliseconds */
export function formatTime(milliseconds) {
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** @typedef {{ write: (text: string) => unknown, isTTY?: boolean, columns?: number }} Output */

/** @type {Output} */
let out = process.stdout;

/**
 * Redirects all further output, for tests.
 * @param {Output} output
 */
export function logTo(output) {
  out = output;
}

/** @param {string} text */
export function info(text) {
  out.write(`${text}\n`);
}

/** @param {string} text */
export function warn(text) {
  out.write(`Warning: ${text}\n`);
}

/**
 * Runs a step and prints its title and progress. On a terminal, one line is redrawn; otherwise a line
 * is printed every 10 seconds, because control characters do not belong in a log file.
 *
 * @template T
 * @param {string} title
 * @param {(progress: (state: string) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const started = Date.now();
  let state = '';

  /** @param {string} text @param {boolean} [last] */
  const print = (text, last = false) => {
    const line = `  ${title}${text ? `: ${text}` : ' …'}`;
    if (!out.isTTY) out.write(`${line}\n`);
    else if (last) out.write(`\r\x1b[2K${line}\n`);
    else out.write(`\r\x1b[2K${line.slice(0, (out.columns || 80) - 1)}`);
  };
  const timer = setInterval(
    () => print(`${state && `${state}, `}${formatTime(Date.now() - started)}`),
    out.isTTY ? TTY_INTERVAL_MS : PLAIN_INTERVAL_MS,
  );

  print('');
  try {
    const result = await work((newState) => {
      state = newState;
    });
    print(`done in ${formatTime(Date.now() - started)}`, true);
    return result;
  } catch (error) {
    print(`failed after ${formatTime(Date.now() - started)}`, true);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
