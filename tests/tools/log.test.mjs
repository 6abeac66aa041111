// @ts-check
import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { formatTime, logTo, step } from '../../tools/lib/log.mjs';

let text = '';
/** @type {import('../../tools/lib/log.mjs').Output} */
let output;

beforeEach(() => {
  text = '';
  output = {
    write: (/** @type {string} */ part) => {
      text += part;
    },
  };
  logTo(output);
});

/** A step that takes one minute and reports progress after 20 seconds. */
async function minuteStep() {
  mock.timers.enable({ apis: ['setInterval', 'Date'] });
  try {
    return await step('Working', async (progress) => {
      for (let second = 0; second < 60; second += 1) {
        if (second === 20) progress('10 %');
        mock.timers.tick(1000);
      }
      return 'result';
    });
  } finally {
    mock.timers.reset();
  }
}

test('step prints a whole line every 10 seconds if the output is not a terminal', async () => {
  assert.equal(await minuteStep(), 'result');
  assert.ok(!text.includes('\r') && !text.includes('\x1b'));
  const lines = text.trimEnd().split('\n');
  assert.equal(lines[0], '  Working …');
  assert.equal(lines[1], '  Working: 10.0 s');
  assert.equal(lines[3], '  Working: 10 %, 30.0 s');
  assert.equal(lines.at(-1), '  Working: done in 1 min 0 s');
  assert.equal(lines.length, 1 + 6 + 1);
});

test('step redraws one line within the width of a terminal', async () => {
  Object.assign(output, { isTTY: true, columns: 20 });
  await minuteStep();
  assert.equal(text.split('\n').length, 2);
  const drawn = text.split('\r\x1b[2K').slice(1);
  assert.ok(drawn.length > 60);
  for (const line of drawn.slice(0, -1)) assert.ok(line.length < 20, line);
});

test('step prints a failure and rethrows the error', async () => {
  const failing = step('Working', () => Promise.reject(new Error('no')));
  await assert.rejects(failing, /no/);
  assert.match(text, /^ {2}Working: failed after 0\.0 s$/m);
});

test('formatTime prints seconds, or minutes and seconds', () => {
  assert.deepEqual([0, 49, 1250, 59_999].map(formatTime), ['0.0 s', '0.0 s', '1.3 s', '60.0 s']);
  assert.equal(formatTime(3_725_000), '62 min 5 s');
});
