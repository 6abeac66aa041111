// Runs modules in a realm that has no globals but those of ECMAScript and WebAssembly. Node needs
// --experimental-vm-modules.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

/**
 * Creates a realm. Returns a function that imports a file into it, with its static imports. `import()`
 * fails in the realm, as it does in worklets.
 */
export function createBareRealm({ hasConsole = false } = {}) {
  const context = vm.createContext({});
  // V8 adds a console to every context.
  if (!hasConsole) vm.runInContext('delete globalThis.console', context);
  const modules = new Map();
  const moduleAt = (url) => {
    if (!modules.has(url)) {
      const text = readFileSync(fileURLToPath(url), 'utf8');
      modules.set(url, new vm.SourceTextModule(text, { context, identifier: url }));
    }
    return modules.get(url);
  };
  return async (url) => {
    const module = moduleAt(url);
    await module.link((specifier, { identifier }) => moduleAt(new URL(specifier, identifier).href));
    await module.evaluate();
    return module.namespace;
  };
}
