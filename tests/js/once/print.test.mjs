// toString() against PyTorch 1.13 (tests/fixtures/printing).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load } from 'corr2d';

const fixture = new URL('../../fixtures/printing/torch-1.13.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(fixture, 'utf8'));

const WORDS = { nan: NaN, inf: Infinity, '-inf': -Infinity, '-0': -0 };
const decode = (value) => (typeof value === 'string' ? WORDS[value] : value);

/** The values of a case, in the format that generate.py describes. */
function valuesOf({ shape, data, fill, set = [] }) {
  if (data) return Float32Array.from(data, decode);
  const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
  let state = fill.seed;
  const next = {
    arange: (i) => i * fill.times,
    full: () => fill.value,
    lcg: () => {
      state = (Math.imul(1664525, state) + 1013904223) >>> 0;
      return (state - 2 ** 31) * fill.times;
    },
  }[fill.kind];
  for (let i = 0; i < values.length; i++) values[i] = next(i);
  for (const [index, value] of set) values[index] = decode(value);
  return values;
}

const groupOf = ({ name }) => name.split('/')[0];

for (const group of new Set(cases.map(groupOf))) {
  const members = cases.filter((member) => groupOf(member) === group);
  test(`toString prints as PyTorch does: ${group}, ${members.length} tensors`, async () => {
    const c = await load({ simd: 'simd' });
    try {
      const printed = {};
      for (const member of members) {
        const tensor = c.tensor(valuesOf(member), member.shape);
        printed[member.name] = tensor.toString();
        tensor.dispose();
      }
      assert.deepEqual(printed, Object.fromEntries(members.map(({ name, text }) => [name, text])));
    } finally {
      c.dispose();
    }
  });
}

test('toString of a view prints its elements', async () => {
  const c = await load({ simd: 'simd' });
  try {
    const t = c.arange(12).reshape([2, 3, 2]);
    assert.equal(`${t.at(1)}`, 'tensor([[ 6.,  7.],\n        [ 8.,  9.],\n        [10., 11.]])');
    assert.equal(`${t.at(1).at(2)}`, 'tensor([10., 11.])');
    assert.equal(`${t.at(1).at(2).at(0)}`, 'tensor(10.)');
  } finally {
    c.dispose();
  }
});

// formatScientific in bindings/src/tensor/print.ts relies on this.
test('a double nearest to a six-digit decimal that is a float32 equals the decimal', () => {
  let float32s = 0;
  for (let exponent = -51; exponent <= 34; exponent++) {
    for (let digits = 100005; digits <= 999995; digits += 10) {
      const value = Number(`${digits}e${exponent}`);
      if (value === 0 || Math.fround(value) !== value) continue;
      float32s++;
      // value = mantissa / 2 ** halvings
      let mantissa = value;
      let halvings = 0;
      for (; !Number.isInteger(mantissa); halvings++) mantissa *= 2;
      const asDecimal = BigInt(digits) * 10n ** BigInt(Math.max(0, exponent));
      const asBinary = BigInt(mantissa) * 10n ** BigInt(Math.max(0, -exponent));
      if (asDecimal << BigInt(halvings) !== asBinary) assert.fail(`${digits}e${exponent}`);
    }
  }
  assert.equal(float32s, 353030);
});
