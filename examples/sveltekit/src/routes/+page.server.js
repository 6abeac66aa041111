import { compute } from '$lib/compute.js';

/** Runs on the server only. The page gets the result as `data`. */
export async function load() {
  return { text: await compute() };
}
