// biome-ignore-all lint/correctness/noUnusedFunctionParameters: Emscripten counts them
// Embind brings code for every type of C++ that it knows. What crosses here are integers and
// floating-point numbers (bindings/embind.cpp); the other types are not registered, so that a
// function that took one would throw where it is called.

const absent = {};
for (const type of ['emval', 'memory_view', 'std_string', 'std_wstring']) {
  const name = `_embind_register_${type}`;
  absent[name] = (type, a, b, c) => {};
  absent[`${name}__deps`] = [];
}
absent.$throwUnboundTypeError = (message) => throwBindingError(message);
absent.$throwUnboundTypeError__deps = ['$throwBindingError'];
// No function has overloads.
absent.$exposePublicSymbol = (name, value, count) => {
  if (Module[name]) throwBindingError(`${name} is there already`);
  Module[name] = value;
};
absent.$exposePublicSymbol__deps = ['$throwBindingError'];
absent.$replacePublicSymbol = (name, value, count) => {
  Module[name] = value;
};
absent.$replacePublicSymbol__deps = [];
// No signature has 64-bit integers, and what is an address comes back as an unsigned number.
absent.$embind__requireFunction = (signature, rawFunction) => getWasmTableEntry(rawFunction);
absent.$embind__requireFunction__deps = ['$getWasmTableEntry'];
// No function takes a pointer to a number.
absent.$integerReadValueFromPointer = (name, width, signed) => undefined;
absent.$integerReadValueFromPointer__deps = [];
absent.$floatReadValueFromPointer = (name, width) => undefined;
absent.$floatReadValueFromPointer__deps = [];
mergeInto(LibraryManager.library, absent);
