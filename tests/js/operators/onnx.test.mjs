// Operators against ONNX's own test cases (tests/fixtures/onnx).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byFunction, runArrayCases } from '../array-cases.mjs';
import { createSharedInstance } from '../helpers.mjs';
import { readCases, runCases } from '../operator-cases.mjs';

const c = await createSharedInstance();
const cases = readCases('onnx-1.12.json', 'onnx');

for (const name of ['maxPool2d', 'avgPool2d', 'convTranspose2d']) {
  const those = cases.filter((one) => one.function === name);
  test(`${name}: ${those.length} cases equal ONNX's results`, () => runCases(c, those));
}

const arrays = byFunction(readCases('onnx-1.12-arrays.json', 'onnx'));

test('the fixture has every operator of this family', () => {
  assert.ok(arrays.size >= 46, [...arrays.keys()].join());
});

for (const [name, those] of arrays) {
  test(`${name.replace('.', 't.')}: ${those.length} cases of arrays equal ONNX's results`, () => {
    runArrayCases(c, those);
  });
}
