// biome-ignore-all lint/correctness/noUnusedFunctionParameters: Emscripten reads the number of parameters
// Replaces parts of Embind with smaller code. Embind contains code for every C++ type that it supports,
// but bindings/embind.cpp passes only integers and floating-point numbers. The other types are not
// registered here; a function that used one would throw when it is called.

const replacements = {};
for (const type of ['emval', 'memory_view', 'std_string', 'std_wstring']) {
  const name = `_embind_register_${type}`;
  replacements[name] = (type, a, b, c) => {};
  replacements[`${name}__deps`] = [];
}
replacements.$throwUnboundTypeError = (message) => throwBindingError(message);
replacements.$throwUnboundTypeError__deps = ['$throwBindingError'];
// No function has overloads.
replacements.$exposePublicSymbol = (name, value, count) => {
  if (Module[name]) throwBindingError(`${name} is already defined`);
  Module[name] = value;
};
replacements.$exposePublicSymbol__deps = ['$throwBindingError'];
replacements.$replacePublicSymbol = (name, value, count) => {
  Module[name] = value;
};
replacements.$replacePublicSymbol__deps = [];
// No signature has 64-bit integers, and addresses are returned as unsigned numbers.
replacements.$embind__requireFunction = (signature, rawFunction) => getWasmTableEntry(rawFunction);
replacements.$embind__requireFunction__deps = ['$getWasmTableEntry'];
// No function takes a pointer to a number.
replacements.$integerReadValueFromPointer = (name, width, signed) => undefined;
replacements.$integerReadValueFromPointer__deps = [];
replacements.$floatReadValueFromPointer = (name, width) => undefined;
replacements.$floatReadValueFromPointer__deps = [];
mergeInto(LibraryManager.library, replacements);
