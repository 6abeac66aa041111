// The public methods and their parameters, read from the type declarations of the built package.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './helpers.mjs';

const dist = join(root, 'dist');

/** Every class and interface: the names of those that it extends, its methods, and its other members. */
const declarations = new Map();

/** Every type alias. */
const aliases = new Map();

for (const file of readdirSync(dist, { recursive: true }).sort()) {
  if (!file.endsWith('.d.ts')) continue;
  const text = readFileSync(join(dist, file), 'utf8');
  for (const [, name, parents, body] of text.matchAll(
    /^export (?:declare )?(?:class|interface) (\w+)(?:<[^{]*>)?(?: extends ([^{]*))? \{\n(.*?)^\}/gms,
  )) {
    const known = declarations.get(name) ?? { parents: [], methods: new Map(), members: new Map() };
    declarations.set(name, known);
    known.parents.push(...splitAtCommas(parents ?? ''));
    for (const [, method, parameters] of body.matchAll(/^ {4}(\w+)(?:<.*?>)?\((.*)\): .*;$/gm)) {
      if (method !== 'constructor') known.methods.set(method, parametersOf(parameters));
    }
    for (const [, member, memberType] of body.matchAll(/^ {4}(?:readonly )?(\w+)\??: (.*);$/gm)) {
      known.members.set(member, memberType.replace(/ \| undefined$/, ''));
    }
  }
  for (const [, name, type] of text.matchAll(/^export (?:declare )?type (\w+) = (.*?);$/gms)) {
    aliases.set(name, type);
  }
}

/** Splits a text at the commas that are outside brackets. */
function splitAtCommas(text) {
  const parts = [''];
  let depth = 0;
  for (const [i, character] of [...text].entries()) {
    if ('([{<'.includes(character)) depth += 1;
    if (')]}'.includes(character) || (character === '>' && text[i - 1] !== '=')) depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** Reads `a: A, b?: B`. */
function parametersOf(text) {
  return splitAtCommas(text).map((part) => {
    const [, name, question, type] = /^(\w+)(\??): (.*)$/s.exec(part);
    return { name, optional: question === '?', type };
  });
}

/**
 * The public methods of a class, those that it inherits included: an array of parameters
 * `{ name, optional, type }` for each name.
 * @param {string} className for example 'Corr2d', 'Tensor' or 'Plan'
 */
export function declaredMethods(className) {
  const [name] = className.split('<');
  const { parents, methods } = declarations.get(name) ?? { parents: [], methods: [] };
  return new Map([...parents.flatMap((parent) => [...declaredMethods(parent)]), ...methods]);
}

/**
 * The members of an options type: a map from the name to the text of its type. Follows `extends`, `Omit` and
 * `Pick`, and takes the options of `Tensor | Options`; empty for a type that is not declared by the package.
 * @param {string} type for example 'Conv2dOptions'
 */
export function declaredOptions(type) {
  const [, utility, of, names] = /^(Omit|Pick)<(.*), ([^<>]*)>$/s.exec(type.trim()) ?? [];
  if (utility !== undefined) {
    const listed = new Set([...names.matchAll(/'(\w+)'/g)].map(([, name]) => name));
    return new Map(
      [...declaredOptions(of)].filter(([name]) => listed.has(name) === (utility === 'Pick')),
    );
  }
  const [name] = type.replace(/^Tensor \| /, '').split('<');
  if (aliases.has(name)) return declaredOptions(aliases.get(name));
  const { parents, members } = declarations.get(name) ?? { parents: [], members: [] };
  return new Map([...parents.flatMap((parent) => [...declaredOptions(parent)]), ...members]);
}
