// Runs before Emscripten's glue in a Node worker. It provides the globals of a browser's worker, which
// the glue expects. It is a separate file because imports are evaluated before a file's own code.

declare const process:
  | { getBuiltinModule?: (name: 'worker_threads') => { parentPort: MessagePort | null } }
  | undefined;

interface MessagePort {
  on(event: 'message', listen: (data: unknown) => void): void;
  postMessage(data: unknown): void;
}

const port =
  typeof process === 'object' ? process.getBuiltinModule?.('worker_threads').parentPort : null;

if (port) {
  const members = {
    self: globalThis,
    // The glue recognises its workers by this name.
    name: 'em-pthread',
    location: { href: '' },
    importScripts() {},
    postMessage: (data: unknown) => port.postMessage(data),
  };
  for (const [name, value] of Object.entries(members)) {
    // Deno has some of these already, as properties that cannot be assigned to.
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
  port.on('message', (data) => {
    (globalThis as unknown as { onmessage(event: object): void }).onmessage({ data });
  });
}

export {};
