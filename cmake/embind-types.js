// biome-ignore-all lint/correctness/noUnusedFunctionParameters: Emscripten reads the number of parameters
// Replaces parts of Embind with smaller code. Embind supports every C++ type, overloads, classes and
// bindings in any order; bindings/embind.cpp exports functions of numbers, whose types
// bindings/embind_types.cpp registers first.

const replacements = {};
replacements.$sharedRegisterType = (rawType, registeredInstance, options) => {
  registeredTypes[rawType] = registeredInstance;
};
replacements.$sharedRegisterType__deps = ['$registeredTypes', '$GenericWireTypeSize'];
replacements.$whenDependentTypesAreResolved = (myTypes, dependentTypes, getTypeConverters) => {
  getTypeConverters(
    dependentTypes.map((type) => registeredTypes[type] ?? throwBindingError('unknown type')),
  );
};
replacements.$whenDependentTypesAreResolved__deps = ['$registeredTypes', '$throwBindingError'];
replacements.$throwUnboundTypeError = (message, types) => throwBindingError(message);
replacements.$throwUnboundTypeError__deps = ['$throwBindingError'];
// WebAssembly converts arguments to their types. Results of unsigned types arrive as signed numbers.
replacements.$craftInvokerFunction =
  (humanName, argTypes, classType, invoker, target, isAsync) =>
  (...args) =>
    argTypes[0].fromWireType(invoker(target, ...args));
replacements.$craftInvokerFunction__deps = [];
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
