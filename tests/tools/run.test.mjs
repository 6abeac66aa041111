// @ts-check
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readArguments, SetupError } from '../../tools/lib/run.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const options = /** @type {const} */ ({
  port: { type: 'string' },
  'no-open': { type: 'boolean', default: false },
});

/** @param {string[]} args */
const read = (...args) => readArguments({ args, options });

test('readArguments returns what parseArgs returns', () => {
  const { values } = read('--port', '80');
  assert.deepEqual({ ...values }, { port: '80', 'no-open': false });
});

test('readArguments lists the options in the error for a wrong argument', () => {
  const known = '. The options are: --port <value>, --no-open';
  for (const [args, complaint] of /** @type {[string[], string][]} */ ([
    [['--prot', '1'], "Unknown option '--prot'"],
    [['-p'], "Unknown option '-p'"],
    [['--port'], "Option '--port <value>' argument missing"],
    [['--port', '--no-open'], "Option '--port' argument is ambiguous"],
    [['--no-open=1'], "Option '--no-open' does not take an argument"],
    [['Here I am'], "Unexpected argument 'Here I am'"],
  ])) {
    assert.throws(() => read(...args), new SetupError(`${complaint}${known}`));
  }
  assert.throws(
    () => readArguments({ args: ['--fast'], allowPositionals: true }),
    new SetupError("Unknown option '--fast'. There are no options"),
  );
});

test('readArguments rethrows errors in the configuration unchanged', () => {
  assert.throws(
    // @ts-expect-error parseArgs has no such type.
    () => readArguments({ args: [], options: { port: { type: 'number' } } }),
    TypeError,
  );
});

test('scripts print no stack trace for a wrong option', () => {
  for (const script of ['start', 'test', 'check', 'serve']) {
    const run = spawnSync(process.execPath, [`tools/${script}.mjs`, '--prot', '1'], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(run.status, 1, script);
    assert.equal(run.stdout, '', script);
    assert.match(
      run.stderr,
      /^\nUnknown option '--prot'\. (The options are: --|There are no)/,
      script,
    );
    assert.doesNotMatch(run.stderr, /\bat .*:\d+/, script);
  }
});
