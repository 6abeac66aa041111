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
  makePlan(request: Address, weight: Address, bias: Address): Address;
  runPlan(plan: Address, input: Address, output: Address, first: number, count: number): number;
  freePlan(plan: Address): void;
  activateElements(data: Address, count: number, activation: number, alpha: number): void;
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

/**
 * The members of the C++ `Problem`, in its order, and their defaults. Each is a word: int32, but for
 * those in `floatFields`. Enumerators are told in problem.ts.
 */
export const problemDefaults = {
  kind: 0,
  batch: 1,
  input_channels: 1,
  output_channels: 1,
  groups: 1,
  input_height: 1,
  input_width: 1,
  kernel_height: 1,
  kernel_width: 1,
  stride_height: 1,
  stride_width: 1,
  dilation_height: 1,
  dilation_width: 1,
  pad_top: 0,
  pad_bottom: 0,
  pad_left: 0,
  pad_right: 0,
  output_padding_height: 0,
  output_padding_width: 0,
  padding_mode: 0,
  fill_value: 0,
  activation: 0,
  activation_alpha: 0,
  has_bias: 0,
  ceil_mode: 0,
  count_include_pad: 1,
  deterministic: 0,
  algorithm: 0,
  'input_strides.n': 0,
  'input_strides.c': 0,
  'input_strides.h': 0,
  'input_strides.w': 0,
  'weight_strides.n': 0,
  'weight_strides.c': 0,
  'weight_strides.h': 0,
  'weight_strides.w': 0,
  'output_strides.n': 0,
  'output_strides.c': 0,
  'output_strides.h': 0,
  'output_strides.w': 0,
};

export type ProblemField = keyof typeof problemDefaults;

export const problemFields = Object.keys(problemDefaults) as ProblemField[];

export const floatFields = ['fill_value', 'activation_alpha'] as const;

/**
 * Where the members of a Request lie, in words of 32 bits from its start. `macs` and the bytes are
 * float64.
 */
export type ModulePlaces = Record<
  | 'problem'
  | 'geometry.macs'
  | 'geometry.output_height'
  | 'geometry.output_width'
  | 'plan.weight_bytes'
  | 'plan.workspace_bytes'
  | 'plan.algorithm'
  | 'plan.tasks'
  | 'status'
  | 'refusal',
  number
>;

/** How many words a `Problem` has: as many as `problemFields`, or the two do not go together. */
interface ModuleSizes {
  problemWords: number;
}

export interface EmbindModule extends ModuleSizes, ModuleFunctions, ModulePlaces {}

/** What the modules of the variants with threads have besides. */
export interface ThreadFunctions {
  startThreads(threads: number, patience: number): number;
  startedThreads(): number;
  tasksOfThread(thread: number): number;
  loseWorkerAfter(tasks: number): void;
}

/** The factory in Emscripten's glue. */
export type CreateModule = (
  incoming: {
    instantiateWasm(
      imports: WebAssembly.Imports,
      receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ): object;
  } & Partial<Crew['incoming']>,
) => Promise<EmbindModule>;

/** What a variant's chunk exports. */
export interface VariantChunk {
  /** Its bytes: zlib, then base64. */
  compressed: string;
  /** Of the variants with threads; the others have one glue, which is not in their chunks. */
  createModule?: CreateModule;
  makeCrew?: () => Crew;
}

/** The threads of an instance: see crew.ts, which is part of the chunks that have some. */
export interface Crew {
  /** For the module's factory. */
  readonly incoming: {
    /** Absent where none can be shared. */
    wasmMemory?: WebAssembly.Memory;
    Worker: new () => object;
  };
  /** What `'auto'` stands for. */
  readonly cores: number;
  /** Why there cannot be several threads. */
  readonly refusal: string | undefined;
  /** Starts so many threads, the caller's included: why it cannot, or nothing. */
  start(module: EmbindModule, threads: number): Promise<string | undefined>;
  /** Calls `crashed` when a worker has trapped, and ends all workers when `owner` is collected. */
  serve(owner: WeakKey, crashed: (cause: unknown) => void): void;
  stop(): void;
}

/** The names of the module's functions. */
export const functionNames = [
  'allocate',
  'release',
  'allocatedBytes',
  'failAllocationAfter',
  'makeRequest',
  'measureRequest',
  'runRequest',
  'makePlan',
  'runPlan',
  'freePlan',
  'activateElements',
  'drawNormal',
  'readImage',
  'writeImage',
] as const satisfies readonly (keyof ModuleFunctions)[];
