/** An address in the WebAssembly heap, in bytes; 0 is none. */
export type Address = number;

/**
 * The module as Embind exposes it: the other side of `bindings/embind.cpp`. What each function does
 * is said in `cpp/include/corr2d/handles.hpp` and `memory.hpp`.
 */
export interface ModuleFunctions {
  allocate(bytes: number): Address;
  release(memory: Address, bytes: number): void;
  allocatedBytes(): number;
  failAllocationAfter(successes: number): void;
  makeRequest(): Address;
  measureRequest(request: Address): number;
  runRequest(
    request: Address,
    input: Address,
    weight: Address,
    bias: Address,
    output: Address,
  ): number;
  drawNormal(
    out: Address,
    count: number,
    mean: number,
    deviation: number,
    seedLow: number,
    seedHigh: number,
  ): void;
  readImage(rgba: Address, pixels: number, channels: number, scale: number, planes: Address): void;
  writeImage(
    planes: Address,
    pixels: number,
    channels: number,
    low: number,
    high: number,
    rgba: Address,
  ): void;
}

/** Where the members of a Request lie, in words of 32 bits from its start. */
export interface ModulePlaces {
  'geometry.output_height': number;
  'geometry.output_width': number;
  'problem.input_channels': number;
  'problem.output_channels': number;
  'problem.input_height': number;
  'problem.input_width': number;
  'problem.kernel_height': number;
  'problem.kernel_width': number;
  'problem.algorithm': number;
}

/** The enumerators of `Status` and `Algorithm` in the C++ headers. */
export interface ModuleConstants {
  kOk: number;
  kBadSize: number;
  kKernelTooLarge: number;
  kTooLarge: number;
  kUnsupported: number;
  kOutOfMemory: number;
  kAuto: number;
  kDirect: number;
  kGemm: number;
}

export interface EmbindModule extends ModuleFunctions, ModulePlaces, ModuleConstants {}

/** The factory in Emscripten's glue. */
export type CreateModule = (incoming: {
  instantiateWasm(
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance) => void,
  ): object;
}) => Promise<EmbindModule>;

/** What a variant's chunk exports: its glue, and its bytes (zlib, then base64). */
export interface VariantChunk {
  createModule: CreateModule;
  compressed: string;
}
