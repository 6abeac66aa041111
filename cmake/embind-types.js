// biome-ignore-all lint/correctness/noUnusedFunctionParameters: Emscripten reads the number of parameters
// Replaces parts of Embind with smaller code. Embind supports every C++ type, overloads, classes and
// bindings in any order; bindings/embind.cpp exports functions of numbers, and
// bindings/embind_types.cpp registers the types of their results first.

const replacements = {};
// WebAssembly converts arguments to their types. Results of unsigned types arrive as signed numbers.
replacements.$unsignedTypes = '=new Set';
replacements._embind_register_integer = (type, name, size, min, max) => {
  if (min === 0) unsignedTypes.add(type);
};
replacements._embind_register_integer__deps = ['$unsignedTypes'];
replacements._embind_register_function = (
  name,
  typeCount,
  types,
  signature,
  invoker,
  target,
  isAsync,
  isNonnullReturn,
) => {
  const call = getWasmTableEntry(invoker);
  const convert = unsignedTypes.has(HEAPU32[types / 4]) ? (value) => value >>> 0 : (value) => value;
  Module[readLatin1String(name)] = (...args) => convert(call(target, ...args));
};
replacements._embind_register_function__deps = [
  '$unsignedTypes',
  '$getWasmTableEntry',
  '$readLatin1String',
];
replacements.$readLatin1String = (address) => {
  let text = '';
  for (; HEAPU8[address]; address++) text += String.fromCharCode(HEAPU8[address]);
  return text;
};
replacements.$readLatin1String__deps = [];
replacements.$readLatin1String__postset = '';
mergeInto(LibraryManager.library, replacements);
