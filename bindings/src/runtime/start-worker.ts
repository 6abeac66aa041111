// Workers, of browsers and of Node alike.

import { type NodeWorker, ofNode } from './node.js';

/** How a chunk says where its worker is: in forms that bundlers know. */
export interface WorkerScript {
  /** A worker of a browser, or, where the user makes it, of Node's `worker_threads`. */
  start(): object;
  /**
   * The URL of the script, for Node's workers; absent where the user makes the worker. Bundles do not
   * know it.
   */
  url?(): string | undefined;
}

/** A worker, wherever it runs. */
export interface Thread {
  post(data: unknown, transfer?: readonly object[]): void;
  end(): void;
  /** Whether it keeps the process from ending; pages do not ask. */
  keep(whether: boolean): void;
}

export interface Listener {
  message(data: unknown): void;
  /** It has thrown, or could not be started. */
  failed(cause: unknown): void;
  /** Only Node tells. */
  ended(): void;
}

/** Starts a worker, or throws. In Node it does not keep the process from ending. */
export function startThread(script: WorkerScript, listener: Listener): Thread {
  const worker = newWorker(script);
  if (typeof worker?.postMessage !== 'function' || typeof worker.terminate !== 'function') {
    throw 'what was made is no worker';
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
      keep: (whether) => (whether ? worker.ref() : worker.unref()),
    };
  }
  worker.onmessage = ({ data }) => listener.message(data);
  worker.onmessageerror = () => listener.failed('what it sent cannot be read');
  worker.onerror = (event) => {
    event.preventDefault();
    listener.failed(event.message || 'its script could not be loaded');
  };
  return {
    post: (data, transfer = []) => worker.postMessage(data, transfer as Transferable[]),
    end: () => worker.terminate(),
    keep() {},
  };
}

function newWorker(script: WorkerScript): Worker | NodeWorker {
  const inNode = ofNode('worker_threads');
  if (inNode && script.url) {
    const url = script.url();
    if (!url)
      throw 'a bundle does not say where its script is; on a server corr2d must stay external';
    // Not with the flags of this process: some are for its own script.
    return new inNode.Worker(new URL(url), { execArgv: [] });
  }
  if (script.url && typeof Worker !== 'function') {
    throw 'there are none here (Node has them from 20.16 and 22.3 on)';
  }
  return script.start() as Worker | NodeWorker;
}
