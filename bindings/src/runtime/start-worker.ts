// Starts workers, with one interface for browsers and for Node.

import { type NodeWorker, nodeModule } from './node.js';

/** How long a worker may take to start, in milliseconds. Its script may come over a network. */
export const START_TIMEOUT_MS = 10_000;

/** The script of a worker, in the forms that bundlers recognise. */
export interface WorkerScript {
  /** Creates a browser's worker. If the user creates the worker, it can also be a Node worker. */
  start(): object;
  /**
   * The URL of the script, for Node. Absent if the user creates the worker; returns undefined in a
   * bundle.
   */
  url?(): string | undefined;
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
  /** The worker has thrown an error, or its script could not be loaded. */
  failed(cause: unknown): void;
  /** The worker has ended. Only Node reports this. */
  ended(): void;
}

/**
 * Starts a worker. In Node it does not keep the process alive. Throws whatever prevents the start, as
 * a string or an Error.
 */
export function startWorker(script: WorkerScript, listener: WorkerListener): StartedWorker {
  const worker = newWorker(script);
  if (typeof worker?.postMessage !== 'function' || typeof worker.terminate !== 'function') {
    throw 'the function `worker` did not return a worker';
  }
  if ('on' in worker) {
    worker.on('message', listener.message);
    worker.on('messageerror', listener.failed);
    worker.on('error', listener.failed);
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
    listener.failed(event.message || 'its script could not be loaded');
  };
  return {
    post: (data, transfer = []) => worker.postMessage(data, transfer as Transferable[]),
    end: () => worker.terminate(),
    keepAlive() {},
  };
}

function newWorker(script: WorkerScript): Worker | NodeWorker {
  const inNode = nodeModule('worker_threads');
  if (inNode && script.url) {
    const url = script.url();
    if (!url) throw 'the bundle does not contain its script; on a server, keep corr2d external';
    // The worker does not inherit this process's flags, since some are meant only for its main script.
    return new inNode.Worker(new URL(url), { execArgv: [] });
  }
  if (script.url && typeof Worker !== 'function') {
    throw 'this engine has no workers (Node needs version 20.16 or 22.3; worklets have none)';
  }
  return script.start() as Worker | NodeWorker;
}
