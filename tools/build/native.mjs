// @ts-check
// Builds the native library and its test programs with CMake.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { step } from '../lib/log.mjs';
import { ROOT } from '../lib/root.mjs';
import { capture } from '../lib/run.mjs';

/**
 * Builds everything of a native preset, or one target of it.
 * @param {'native-debug' | 'native-release' | 'native-tsan' | 'native-fuzz' | 'native-coverage'} preset
 * @param {string} [target]
 */
export async function buildNative(preset, target = 'all') {
  await step(`Building ${preset}`, async () => {
    if (!existsSync(join(ROOT, 'build', preset, 'build.ninja'))) {
      await capture('cmake', ['--preset', preset], { cwd: ROOT });
    }
    await capture('cmake', ['--build', '--preset', preset, '--target', target], { cwd: ROOT });
  });
}
