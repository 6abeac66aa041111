// The public methods and their parameters, read from the type declarations of the built package.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './helpers.mjs';

const dist = join(root, 'dist');

/** Every class and interface: the names of those that it extends, and its methods. */
const declarations = new Map();

for (const file of readdirSync(dist, { recursive: true }).sort()) {
  if (!file.endsWith('.d.ts')) continue;
  const text = readFileSync(join(dist, file), 'utf8');
  for (const [, name, parents, body] of text.matchAll(
    /^export (?:declare )?(?:class|interface) (\w+)(?:<[^{]*>)?(?: extends ([^{]*))? \{\n(.*?)^\}/gms,
  )) {
    const known = declarations.get(name) ?? { parents: [], methods: new Map() };
    declarations.set(name, known);
    known.parents.push(...(parents ?? '').split(',').map((one) => one.trim()));
    for (const [, method, parameters] of body.matchAll(/^ {4}(\w+)(?:<.*?>)?\((.*)\): .*;$/gm)) {
      if (method !== 'constructor') known.methods.set(method, parametersOf(parameters));
    }
  }
}

/** Splits `a: A, b?: B` at the commas that are outside brackets. */
function parametersOf(text) {
  const parts = [''];
  let depth = 0;
  for (const [i, character] of [...text].entries()) {
    if ('([{<'.includes(character)) depth += 1;
    if (')]}'.includes(character) || (character === '>' && text[i - 1] !== '=')) depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [, name, question, type] = /^\s*(\w+)(\??): (.*)$/s.exec(part);
      return { name, optional: question === '?', type };
    });
}

/**
 * The public methods of a class, those that it inherits included: an array of parameters
 * `{ name, optional, type }` for each name.
 * @param {string} className for example 'Corr2d', 'Tensor' or 'Plan'
 */
export function declaredMethods(className) {
  const { parents, methods } = declarations.get(className) ?? { parents: [], methods: [] };
  return new Map([...parents.flatMap((parent) => [...declaredMethods(parent)]), ...methods]);
}
