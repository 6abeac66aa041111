// Another build of corr2d, which npm run bench -- --baseline FOLDER copies to build/baseline.
import { createContender } from './corr2d.mjs';

export async function create({ variant, threads }) {
  const { load } = await import('../../build/baseline/index.js');
  return createContender('baseline', load, variant, threads);
}
