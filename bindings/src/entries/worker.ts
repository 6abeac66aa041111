/**
 * corr2d in a worker of its own, so that pages do not wait for it. Nothing of it computes here: this
 * entry is a few kB.
 * @module corr2d/worker
 */

import type { Features, Variant } from '../instance.js';
import { Corr2dError } from '../runtime/corr2d-error.js';
import type { LoadOptions } from '../runtime/load.js';
import type { WorkerScript } from '../runtime/start-worker.js';
import { Client, packed } from '../worker/client.js';
import { Connection } from '../worker/connection.js';

export { Corr2dError, type Corr2dErrorCode } from '../runtime/corr2d-error.js';
export { version } from '../runtime/version.js';
export {
  type CallOptions,
  Client,
  type ObservedOptions,
  type PlainGradients,
  type RemoteOptions,
  RemotePlan,
} from '../worker/client.js';
export type { CallSignal, PlainTensor } from '../worker/messages.js';

/** What `createClient()` takes: the options of `load()`, for the instance in the worker, and more. */
export interface ClientOptions extends LoadOptions {
  /**
   * Makes the worker, for those who host its script themselves or whose bundler has a way of its own:
   * a module worker of `corr2d/client-worker.js` (in Node one of `worker_threads`).
   */
  worker?: () => object;
}

const ownScript: WorkerScript = {
  // As bundlers want it: https://webpack.js.org/guides/web-workers/ says so, for one.
  start: () =>
    new Worker(new URL('./client-worker.js', import.meta.url), { type: 'module', name: 'corr2d' }),
  // As they leave it alone: only Node comes here, with files as they are.
  url: () => import.meta.resolve?.('./client-worker.js'),
};

/** Bundlers break workers that import on demand, so it is done here. */
const chunks: Record<Variant, () => Promise<{ default: { compressed: string } }>> = {
  simd: () => import('corr2d-variant:simd'),
  relaxed: () => import('corr2d-variant:relaxed'),
  threads: () => import('corr2d-variant:threads'),
  'relaxed-threads': () => import('corr2d-variant:relaxed-threads'),
};

/**
 * Starts a worker and loads corr2d in it: a client, which has the functions of an instance, each
 * giving a promise. Each call gives a client with a worker of its own. In Node the worker keeps the
 * process from ending only while a call has no answer.
 *
 * `WORKER_FAILED` where the worker does not start within 10 s, or cannot; whatever `load()` throws.
 */
export async function createClient(options?: ClientOptions): Promise<Client> {
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw new Corr2dError('INVALID_ARGUMENT', 'createClient: options must be an object');
  }
  const { worker, ...rest } = options ?? {};
  if (worker !== undefined && typeof worker !== 'function') {
    throw new Corr2dError(
      'INVALID_ARGUMENT',
      'createClient: worker must be a function that makes a worker',
    );
  }
  const connection = new Connection(
    worker ? { start: worker } : ownScript,
    async (variant) => (await chunks[variant]()).default,
  );
  try {
    const transfer: object[] = [];
    const args = packed('createClient', [{ ...rest, wasm: absolute(rest.wasm) }], transfer);
    const { answer } = connection.ask({ name: 'load', args, transfer });
    return new Client(connection, (await answer) as Features);
  } catch (error) {
    connection.dispose();
    throw error;
  }
}

/** URLs are relative to the page, not to the script of the worker. */
function absolute(wasm: LoadOptions['wasm']): LoadOptions['wasm'] {
  if (typeof wasm !== 'string' && !(wasm instanceof URL)) return wasm;
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return base === undefined ? String(wasm) : new URL(wasm, base).href;
  } catch (cause) {
    throw new Corr2dError('INVALID_ARGUMENT', 'createClient: wasm is no URL', { cause });
  }
}
