// Pools and transposed convolutions against ONNX's own test cases (tests/fixtures/onnx).

import { test } from 'node:test';
import { createSharedInstance } from '../helpers.mjs';
import { readCases, runCases } from '../operator-cases.mjs';

const c = await createSharedInstance();
const cases = readCases('onnx-1.12.json', 'onnx');

for (const name of ['maxPool2d', 'avgPool2d', 'convTranspose2d']) {
  const those = cases.filter((one) => one.function === name);
  test(`${name}: ${those.length} cases equal ONNX's results`, () => runCases(c, those));
}
