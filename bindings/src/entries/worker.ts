/**
 * corr2d in a worker of its own, so that a page does not block while corr2d computes. This entry
 * computes nothing itself and adds a few kB to the page.
 * @module corr2d/worker
 */

import * as argument from '../runtime/arguments.js';
import { invalid, show, tagOf, unexpected } from '../runtime/errors.js';
import type { Features, LoadOptions, Variant } from '../runtime/load-options.js';
import { refuseSurplus } from '../runtime/methods.js';
import { abortReason } from '../runtime/platform.js';
import type { WorkerScript } from '../runtime/start-worker.js';
import { readSignal } from '../worker/call.js';
import { Client } from '../worker/client.js';
import { Connection } from '../worker/connection.js';
import type { CallSignal } from '../worker/messages.js';

export type { PlanFacts } from '../operators/plan.js';
export type { Signal } from '../problem/slices.js';
export { Corr2dError, type Corr2dErrorCode } from '../runtime/corr2d-error.js';
export { version } from '../runtime/version.js';
export type { Float32Data } from '../tensor/views.js';
export type { CallOptions, KeepOptions, ObservedOptions } from '../worker/call.js';
export { Client, RemotePlan } from '../worker/client.js';
export { RemoteImage, type RemoteObject, RemoteTensor } from '../worker/handles.js';
export type { CallSignal, PlainTensor } from '../worker/messages.js';
export type { RemoteArgument, RemoteOptions } from '../worker/methods.js';

/**
 * The options of `createClient()`: those of `load()` for the instance in the worker, `worker` and `signal`.
 */
export interface ClientOptions extends LoadOptions {
  /**
   * Creates the worker. Needed only if you host the worker's script yourself or if your bundler does
   * not emit it. The worker must be a module worker that runs `corr2d/client-worker.js`; in Node, a
   * worker of `worker_threads`.
   */
  worker?: (() => object) | undefined;
  /** An `AbortSignal` that cancels the start. The client is not created, and the worker ends. */
  signal?: CallSignal | undefined;
}

const packageScript: WorkerScript = {
  // The form that bundlers recognise, see https://webpack.js.org/guides/web-workers/.
  start: () =>
    new Worker(new URL('./client-worker.js', import.meta.url), { type: 'module', name: 'corr2d' }),
  // A form that bundlers ignore: only Node uses it, and only with unbundled files.
  url: () => import.meta.resolve?.('./client-worker.js'),
};

/** The chunks are imported here because bundlers break workers that import on demand. */
const chunks: Record<Variant, () => Promise<{ default: { compressed: string } }>> = {
  simd: () => import('corr2d-variant:simd'),
  relaxed: () => import('corr2d-variant:relaxed'),
  threads: () => import('corr2d-variant:threads'),
  'relaxed-threads': () => import('corr2d-variant:relaxed-threads'),
};

/**
 * Starts a worker and loads corr2d in it. Each call starts a new worker. In Node, the worker keeps the
 * process alive only while a call is pending.
 *
 * @example
 * ```js
 * import { createClient } from 'corr2d/worker';
 *
 * const client = await createClient();
 * const y = await client.conv2d([[[1, 2, 3]]], [[[[1, 1]]]]);
 * console.log(y.data.join()); // 3,5
 * client.dispose(); // ends the worker
 * ```
 *
 * @param options the options of `load()`, `worker` and `signal`
 * @returns a client, which has the functions of an instance, each returning a promise
 * @throws `WORKER_FAILED` if the worker cannot start, or does not start within 10 s; every error of
 * `load()`; and the reason of `signal` if it is aborted
 */
export async function createClient(options?: ClientOptions): Promise<Client>;
export async function createClient(...args: [ClientOptions?]): Promise<Client> {
  const where = 'createClient';
  refuseSurplus(where, args, 1);
  const given = argument.options(args[0], where, ['simd', 'threads', 'wasm', 'worker', 'signal']);
  const { worker, signal: givenSignal, ...loadOptions } = given as ClientOptions;
  if (worker !== undefined && typeof worker !== 'function') {
    throw unexpected(`${where}: worker`, worker, 'a function that returns a worker');
  }
  const signal = readSignal(givenSignal, where);
  if (signal?.aborted) throw abortReason(signal);
  const wasm = toAbsolute(loadOptions.wasm);
  const connection = new Connection(
    worker ? { start: worker } : packageScript,
    async (variant) => (await chunks[variant]()).default,
  );
  try {
    const loaded = connection.send({ name: 'load', args: [{ ...loadOptions, wasm }], signal });
    return new Client(connection, (await loaded) as Features);
  } catch (error) {
    connection.dispose();
    throw error;
  }
}

/** Resolves a URL against the page; the worker would resolve it against its own script. */
function toAbsolute(wasm: LoadOptions['wasm']): LoadOptions['wasm'] {
  if (typeof wasm !== 'string' && tagOf(wasm) !== 'URL') return wasm;
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return base === undefined ? String(wasm) : new URL(wasm as string | URL, base).href;
  } catch (cause) {
    throw invalid(`createClient: wasm is ${show(wasm)}; expected a URL`, cause);
  }
}
