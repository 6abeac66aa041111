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
absent.$ensureOverloadTable = (module, name) => throwBindingError(`${name} is there already`);
mergeInto(LibraryManager.library, absent);
