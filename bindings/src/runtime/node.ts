// Node's own modules.

export interface NodeWorker {
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
