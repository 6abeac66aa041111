// Workers, of browsers and of Node alike.

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

interface NodeWorker {
  on(event: string, listen: (value: unknown) => void): void;
  postMessage(data: unknown, transfer?: readonly object[]): void;
  terminate(): void;
  ref(): void;
  unref(): void;
}

/** The parent's side of a worker of Node's. */
export interface NodePort {
  on(event: string, listen: (data: unknown) => void): void;
  postMessage(data: unknown, transfer?: readonly object[]): void;
}

/** What Node has of the modules that are used here. Bun and Deno have them too. */
interface NodeModules {
  worker_threads: {
    Worker: new (url: URL, options: object) => NodeWorker;
    parentPort: NodePort | null;
  };
  os: { availableParallelism(): number };
}

declare const process:
  | {
      versions?: { node?: string };
      type?: string;
      getBuiltinModule?: <Name extends keyof NodeModules>(name: Name) => NodeModules[Name];
    }
  | undefined;

/** Node's own modules, without an import that bundlers would follow; nothing in a browser. */
export function ofNode<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  // Electron's pages are a browser's.
  if (typeof process !== 'object' || !process.versions?.node || process.type === 'renderer') return;
  return process.getBuiltinModule?.(name);
}

/** Starts a worker, or throws. In Node it does not keep the process from ending. */
export function startThread(script: WorkerScript, listener: Listener): Thread {
  const worker = newWorker(script);
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
