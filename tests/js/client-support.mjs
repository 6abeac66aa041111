// Clients of the variant under test.

import { after } from 'node:test';
import { createClient } from 'corr2d/worker';
import { simd, threads } from './helpers.mjs';
import { extendStartLimit } from './long-start-limit.mjs';

extendStartLimit();

/** Starts a client of the variant under test. */
export const createVariantClient = (options) => createClient({ simd, threads, ...options });

/** A client that the tests of a file share. */
export async function createSharedClient() {
  const client = await createVariantClient();
  after(() => client.dispose());
  return client;
}
