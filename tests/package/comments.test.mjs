// Tests that the doc comments in the declarations, which editors show, are complete.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { ensureNodePackages } from '../../tools/setup/node-packages.mjs';
import { root } from './helpers.mjs';

const folder = join(root, 'tests', 'package');
const ENTRIES = ['index', 'simd', 'relaxed', 'threads', 'relaxed-threads', 'worker', 'tfjs'];

/** Methods that the engine calls. They have no example. */
const CALLED_BY_ENGINE = ['[toPrimitive]', '[toStringTag]', '[dispose]'];

let ts;
let checker;
let exported;
before(async () => {
  await ensureNodePackages({ root: folder });
  // TypeScript 7 has no such interface.
  ts = createRequire(join(folder, 'package.json'))('typescript-6.0');
  const fileOf = (name) => join(root, 'dist/entries', `${name}.d.ts`);
  const program = ts.createProgram(ENTRIES.map(fileOf), {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.esnext.d.ts', 'lib.dom.d.ts'],
    types: [],
  });
  checker = program.getTypeChecker();
  exported = new Map();
  for (const name of ENTRIES) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(fileOf(name)));
    for (const symbol of checker.getExportsOfModule(module)) {
      const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
      const target = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
      // The other entries have the same exports as the main one, and a `load` of their own.
      const isKnown = [...exported.values()].includes(target);
      if (!isKnown)
        exported.set(exported.has(symbol.name) ? `${symbol.name} of ${name}` : symbol.name, target);
    }
  }
});

const textOf = (symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();

/** Whether a declaration belongs to this package, and not to the standard library. */
const isOurs = (declaration) => declaration.getSourceFile().fileName.includes('/dist/');

/** The members of a type that the package declares, with the names that users see. */
function membersOf(symbol) {
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  return checker.getPropertiesOfType(type).flatMap((member) => {
    const declaration = member.declarations?.find(isOurs);
    const isHidden =
      !declaration ||
      member.name.startsWith('__#') ||
      (declaration.name && ts.isPrivateIdentifier(declaration.name));
    if (isHidden) return [];
    const name = member.name.replace(/^__@(\w+?)@\d+$/, '[$1]');
    const file = declaration.getSourceFile().fileName;
    return [{ name, member, file, type: checker.getTypeOfSymbolAtLocation(member, declaration) }];
  });
}

/** The parts that the comment of a function or a method lacks. */
function missingIn(symbol, signature) {
  const tags = symbol.getJsDocTags(checker);
  const textsOf = (name) =>
    tags.filter((tag) => tag.name === name).map(({ text }) => ts.displayPartsToString(text));
  const missing = [];
  const described = textsOf('param').map((text) => text.split(/\s/)[0]);
  const parameters = signature.getParameters();
  for (const { name } of parameters) {
    if (!described.includes(name)) missing.push(`@param ${name}`);
  }
  const result = checker.typeToString(signature.getReturnType());
  if (!/^(Promise<)?void>?$/.test(result) && textsOf('returns').length === 0) {
    missing.push('@returns');
  }
  // A function with parameters can refuse a value. It says with which codes.
  if (parameters.length > 0 && !textsOf('throws').some((text) => /`[A-Z_]+`/.test(text))) {
    missing.push('@throws with a code');
  }
  if (textsOf('example').length === 0) missing.push('@example');
  return missing;
}

/** The comments that lack something: name → what is missing. */
function findIncomplete() {
  const incomplete = new Map();
  const check = (name, symbol, type, needsTags) => {
    const missing = textOf(symbol) === '' ? ['comment'] : [];
    const [signature] = type?.getCallSignatures() ?? [];
    if (needsTags && signature) missing.push(...missingIn(symbol, signature));
    if (missing.length > 0) incomplete.set(name, missing.join(', '));
  };
  for (const [name, symbol] of exported) {
    const declaration = symbol.valueDeclaration;
    const type = declaration && checker.getTypeOfSymbolAtLocation(symbol, declaration);
    check(name, symbol, type, true);
    const isClass = (symbol.flags & ts.SymbolFlags.Class) !== 0;
    for (const { name: key, member, type, file } of membersOf(symbol)) {
      // The methods that a client passes on have the comments of the instance's methods.
      const isPassedOn = name === 'Client' && !file.includes('/worker/');
      const needsTags = isClass && !isPassedOn && !CALLED_BY_ENGINE.includes(key);
      check(`${name}.${key}`, member, type, needsTags);
    }
  }
  return incomplete;
}

test('the comment of every export and member is complete', () => {
  assert.ok(exported.size > 40);
  assert.deepEqual(Object.fromEntries(findIncomplete()), {});
});
