// Starts workers, with one interface for browsers and for Node.

import { type NodeWorker, nodeModule } from './node.js';

/** How long a worker may take to start, in milliseconds. Its script may come over a network. */
export const START_TIMEOUT_MS = 10_000;

/** The beginning of the cause if the script of a worker could not be loaded. */
export const NOT_LOADED = 'its script could not be loaded';

/** The script of a worker, in the forms that bundlers recognise. */
export interface WorkerScript {
  /** Creates a browser's worker. If the user creates the worker, it can also be a Node worker. */
  start(): object;
  /**
   * The URL of the script, for Node. Absent if the user creates the worker; returns undefined in a
   * bundle.
   */
  url?(): string | undefined;
  /**
   * Whether `start` works in Node too, if the global `Worker` is one of Node's. For scripts that bundlers put
   * into a format without `import.meta`: they can replace it in `start`, but not in `url`.
   */
  readonly startsInNode?: boolean;
}

/** A started worker. */
export interface StartedWorker {
  post(data: unknown, transfer?: readonly object[]): void;
  end(): void;
  /** Sets whether the worker keeps Node's process alive. Has no effect in browsers. */
  keepAlive(whether: boolean): void;
}

export interface WorkerListener {
  message(data: unknown): void;
  /** The worker has thrown an error, or its script could not be loaded; `cause` begins with NOT_LOADED. */
  failed(cause: unknown): void;
  /** The worker has ended. Only Node reports this. */
  ended(): void;
}

/**
 * Starts a worker. In Node it does not keep the process alive. Throws whatever prevents the start, as
 * a string or an Error.
 */
export function startWorker(script: WorkerScript, listener: WorkerListener): StartedWorker {
  const { worker, url } = newWorker(script);
  if (typeof worker?.postMessage !== 'function' || typeof worker.terminate !== 'function') {
    throw 'the function `worker` did not return a worker';
  }
  if ('on' in worker) {
    worker.on('message', listener.message);
    worker.on('messageerror', listener.failed);
    worker.on('error', (cause) => {
      const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown };
      listener.failed(/MODULE_NOT_FOUND/.test(String(code)) ? `${NOT_LOADED}: ${message}` : cause);
    });
    worker.on('exit', listener.ended);
    worker.unref();
    return {
      post: (data, transfer) => worker.postMessage(data, transfer),
      end: () => worker.terminate(),
      keepAlive: (whether) => (whether ? worker.ref() : worker.unref()),
    };
  }
  worker.onmessage = ({ data }) => listener.message(data);
  worker.onmessageerror = () => listener.failed('a message from it could not be deserialised');
  worker.onerror = (event) => {
    event.preventDefault();
    listener.failed(event.message || `${NOT_LOADED}: ${url}`);
  };
  return {
    post: (data, transfer = []) => worker.postMessage(data, transfer as Transferable[]),
    end: () => worker.terminate(),
    keepAlive() {},
  };
}

/** Creates the worker. The URL of its script is known in browsers. */
function newWorker(script: WorkerScript): {
  worker: Worker | NodeWorker;
  url?: string | undefined;
} {
  const inNode = nodeModule('worker_threads');
  if (inNode && script.url) {
    const url = script.url();
    if (!url) throw 'the bundle does not contain its script; on a server, keep corr2d external';
    // The worker does not inherit this process's flags, since some are meant only for its main script.
    return { worker: new inNode.Worker(new URL(url), { execArgv: [] }) };
  }
  const { Worker } = globalThis;
  if (script.url && typeof Worker !== 'function') {
    throw 'this engine has no workers (Node needs version 20.16 or 22.3; worklets have none)';
  }
  // Only the constructor learns the URL, which bundlers replace in its call.
  let url: string | undefined;
  const target: unknown = inNode && script.startsInNode ? inNode.Worker : Worker;
  const construct = (original: typeof Worker, [at, options]: [URL | string, object?]) => {
    url = String(at);
    return Reflect.construct(original, [at, target === Worker ? options : { execArgv: [] }]);
  };
  try {
    if (target) globalThis.Worker = new Proxy(target as typeof Worker, { construct });
    return { worker: script.start() as Worker | NodeWorker, url };
  } catch (cause) {
    if (url === undefined) throw cause;
    throw `${NOT_LOADED}: ${url}: ${cause}`;
  } finally {
    if (Worker) globalThis.Worker = Worker;
    else Reflect.deleteProperty(globalThis, 'Worker');
  }
}
