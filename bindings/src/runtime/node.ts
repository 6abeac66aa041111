// Access to Node's built-in modules.

/** A worker of `worker_threads`, as its parent sees it. */
export interface NodeWorker {
  on(event: string, listen: (value: unknown) => void): void;
  postMessage(data: unknown, transfer?: readonly object[]): void;
  terminate(): void;
  ref(): void;
  unref(): void;
}

/** The port of a worker to its parent. */
export interface NodePort {
  on(event: string, listen: (data: unknown) => void): void;
  postMessage(data: unknown, transfer?: readonly object[]): void;
}

/** The parts of Node's modules that are used here. Bun and Deno have them too. */
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

/** A module of Node's, without an import that bundlers would follow; undefined in browsers. */
export function nodeModule<Name extends keyof NodeModules>(
  name: Name,
): NodeModules[Name] | undefined {
  // Electron's renderer processes have `process`, but behave like browsers.
  if (typeof process !== 'object' || !process.versions?.node || process.type === 'renderer') return;
  return process.getBuiltinModule?.(name);
}
