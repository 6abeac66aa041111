// What runs before the glue in a worker of Node's: it is made to look like one of a browser's, which
// the glue is written for. (It is a file of its own for the order: imports come first.)

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
    // By its name the glue knows that it is in a worker of its own.
    name: 'em-pthread',
    location: { href: '' },
    importScripts() {},
    postMessage: (data: unknown) => port.postMessage(data),
  };
  for (const [name, value] of Object.entries(members)) {
    // Deno has some of them already, which cannot be assigned to.
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
  port.on('message', (data) => {
    (globalThis as unknown as { onmessage(event: object): void }).onmessage({ data });
  });
}

export {};
