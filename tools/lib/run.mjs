// @ts-check
// Starting other programs, and what is said when they fail.
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const HEAD_LINES = 10;
const TAIL_LINES = 30;
const MAX_COMMAND_LENGTH = 500;

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] Added to this process's own environment.
 * @property {(line: string) => void} [onStatus] Gets the lines that the program writes to its file
 *   descriptor 3 (apt reports its progress there).
 */

/** A program that could not be started, or that ended with a status other than 0. */
export class CommandError extends Error {
  /** @param {string} command @param {string} outcome @param {string} output */
  constructor(command, outcome, output) {
    const lines = output.trim().split('\n');
    // Some programs name the error first and explain at length, others name it last.
    const shown =
      lines.length <= HEAD_LINES + TAIL_LINES
        ? lines
        : [...lines.slice(0, HEAD_LINES), '[…]', ...lines.slice(-TAIL_LINES)];
    super(`${command}\n${[outcome, ...shown].join('\n').trim()}`);
    this.name = 'CommandError';
    this.output = output;
  }
}

/** A reason that a person can act on; printed without a stack trace. */
export class SetupError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'SetupError';
  }
}

/**
 * The usual end of a script that failed: what went wrong on stderr, and exit status 1.
 * @param {unknown} error
 */
export function reportFailure(error) {
  const expected = error instanceof SetupError || error instanceof CommandError;
  const text = expected ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`\n${text}\n`);
  process.exitCode = 1;
}

/**
 * Node's parseArgs, whose complaints become a SetupError that names the options there are.
 * @template {import('node:util').ParseArgsConfig} Config
 * @param {Config} config
 */
export function readArguments(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!code?.startsWith('ERR_PARSE_ARGS_')) throw error;
    // Only the first sentence is about what was typed.
    const [complaint] = message.split(/\.(?:\s|$)/);
    const options = Object.entries(config.options ?? {}).map(
      ([name, { type }]) => `--${name}${type === 'string' ? ' <value>' : ''}`,
    );
    const known =
      options.length > 0 ? `The options are: ${options.join(', ')}` : 'There are no options';
    throw new SetupError(`${complaint}. ${known}`);
  }
}

/** @param {string} command @param {readonly string[]} args */
function asTyped(command, args) {
  const words = [command, ...args].map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`,
  );
  const line = words.join(' ');
  return line.length <= MAX_COMMAND_LENGTH ? line : `${line.slice(0, MAX_COMMAND_LENGTH)} …`;
}

/**
 * @param {string} command @param {readonly string[]} args @param {RunOptions} options
 * @param {boolean} capture
 * @returns {Promise<{ status: number, output: string, stdout: string }>}
 */
function start(command, args, options, capture) {
  return new Promise((resolve, reject) => {
    const io = capture ? 'pipe' : 'inherit';
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', io, io, ...(options.onStatus ? [/** @type {const} */ ('pipe')] : [])],
    });
    let stdout = '';
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      output += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    if (options.onStatus) {
      const status = /** @type {import('node:stream').Readable} */ (child.stdio[3]);
      createInterface({ input: status }).on('line', options.onStatus);
    }
    child.on('error', (error) => {
      reject(
        new CommandError(asTyped(command, args), `could not be started: ${error.message}`, ''),
      );
    });
    child.on('close', (code, signal) => {
      if (code !== null) resolve({ status: code, output, stdout });
      else reject(new CommandError(asTyped(command, args), `was ended by ${signal}`, output));
    });
  });
}

/**
 * Runs a program silently and returns what it printed on stdout.
 * @param {string} command @param {readonly string[]} args @param {RunOptions} [options]
 */
export async function capture(command, args, options = {}) {
  const { status, output, stdout } = await start(command, args, options, true);
  if (status !== 0) {
    throw new CommandError(asTyped(command, args), `ended with status ${status}`, output);
  }
  return stdout;
}

/**
 * Runs a program whose output goes where this process's output goes.
 * @param {string} command @param {readonly string[]} args @param {RunOptions} [options]
 */
export async function run(command, args, options = {}) {
  const { status } = await start(command, args, options, false);
  if (status !== 0) {
    throw new CommandError(asTyped(command, args), `ended with status ${status}`, '');
  }
}

/**
 * Runs a program and returns its status and everything it printed, whether it failed or not.
 * @param {string} command @param {readonly string[]} args @param {RunOptions} [options]
 */
export function attempt(command, args, options = {}) {
  return start(command, args, options, true);
}

/**
 * The first program of that name on PATH.
 * @param {string} program @param {Record<string, string | undefined>} [env]
 */
export function which(program, env = process.env) {
  for (const dir of (env.PATH ?? '').split(delimiter)) {
    const path = join(dir, program);
    if (dir && isExecutable(path)) return path;
  }
  return null;
}

/** @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
