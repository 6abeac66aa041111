// @ts-check
// Runs other programs and reports their failures. Parses command lines.
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
 * @property {Record<string, string | undefined>} [env] Added to the environment of this process.
 * @property {(line: string) => void} [onStatus] Receives the lines that the program writes to file
 *   descriptor 3, where apt reports its progress.
 */

/** A program could not be started or failed. The message contains its output. */
export class CommandError extends Error {
  /** @param {string} command @param {string} outcome @param {string} output */
  constructor(command, outcome, output) {
    const lines = output.trim().split('\n');
    // Some programs print the error first, others last.
    const shown =
      lines.length <= HEAD_LINES + TAIL_LINES
        ? lines
        : [...lines.slice(0, HEAD_LINES), '[…]', ...lines.slice(-TAIL_LINES)];
    super(`${command}\n${[outcome, ...shown].join('\n').trim()}`);
    this.name = 'CommandError';
    this.output = output;
  }
}

/** An error that the user can resolve; printed without a stack trace. */
export class SetupError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'SetupError';
  }
}

/**
 * Prints an error to stderr and sets exit status 1.
 * @param {unknown} error
 */
export function reportFailure(error) {
  const expected = error instanceof SetupError || error instanceof CommandError;
  const text = expected ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`\n${text}\n`);
  process.exitCode = 1;
}

/**
 * Calls Node's parseArgs and converts its errors to a SetupError that lists the options.
 * @template {import('node:util').ParseArgsConfig} Config
 * @param {Config} config
 */
export function readArguments(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!code?.startsWith('ERR_PARSE_ARGS_')) throw error;
    // Only the first sentence is about the command line.
    const [complaint] = message.split(/\.(?:\s|$)/);
    const options = Object.entries(config.options ?? {}).map(
      ([name, { type }]) => `--${name}${type === 'string' ? ' <value>' : ''}`,
    );
    const known =
      options.length > 0 ? `The options are: ${options.join(', ')}` : 'There are no options';
    throw new SetupError(`${complaint}. ${known}`);
  }
}

/** The command line as a shell would read it, shortened. @param {string} command @param {readonly string[]} args */
function formatCommand(command, args) {
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
        new CommandError(
          formatCommand(command, args),
          `could not be started: ${error.message}`,
          '',
        ),
      );
    });
    child.on('close', (code, signal) => {
      if (code !== null) resolve({ status: code, output, stdout });
      else reject(new CommandError(formatCommand(command, args), `was ended by ${signal}`, output));
    });
  });
}

/**
 * Runs a program, returns its stdout, and throws if it fails. Nothing is printed.
 * @param {string} command @param {readonly string[]} args @param {RunOptions} [options]
 */
export async function capture(command, args, options = {}) {
  const { status, output, stdout } = await start(command, args, options, true);
  if (status !== 0) {
    throw new CommandError(formatCommand(command, args), `ended with status ${status}`, output);
  }
  return stdout;
}

/**
 * Runs a program that writes to the stdout and stderr of this process, and throws if it fails.
 * @param {string} command @param {readonly string[]} args @param {RunOptions} [options]
 */
export async function run(command, args, options = {}) {
  const { status } = await start(command, args, options, false);
  if (status !== 0) {
    throw new CommandError(formatCommand(command, args), `ended with status ${status}`, '');
  }
}

/**
 * Runs a program and returns its status and output, even if it fails.
 * @param {string} command @param {readonly string[]} args @param {RunOptions} [options]
 */
export function attempt(command, args, options = {}) {
  return start(command, args, options, true);
}

/**
 * The path of the first program with this name on PATH, or null.
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
