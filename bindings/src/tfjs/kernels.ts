// The parts of TensorFlow.js' interface that the adapter uses.

/** The functions of tfjs that `register` uses; `@tensorflow/tfjs-core` and `@tensorflow/tfjs` have them. */
export interface Tfjs {
  /** Returns the kernel with this name of a backend. */
  getKernel(kernelName: string, backendName: string): unknown;
  /** Adds a kernel. */
  registerKernel(config: never): void;
  /** Removes a kernel. */
  unregisterKernel(kernelName: string, backendName: string): void;
  /** The helper functions for backends; `register` uses three of them. */
  readonly backend_util: {
    /** Computes the padding and the output shape of a convolution. */
    computeConv2DInfo(...values: never[]): unknown;
    /** Computes the padding and the output shape of a pool. */
    computePool2DInfo(...values: never[]): unknown;
    /** Converts the name of a layout. */
    convertConv2DDataFormat(format: never): unknown;
  };
}

export interface TensorInfo {
  readonly dataId: object;
  readonly shape: readonly number[];
  readonly dtype: string;
}

export interface Attributes {
  readonly strides: number | readonly [number, number];
  readonly pad: unknown;
  readonly filterSize?: number | readonly [number, number];
  readonly dilations?: number | readonly [number, number] | null;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: string;
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
  /** The shape of the gradient, in the kernels that compute one. */
  readonly inputShape?: readonly number[];
  readonly filterShape?: readonly number[];
}

export interface KernelCall {
  readonly inputs: Readonly<Record<string, TensorInfo | undefined>>;
  readonly backend: Backend;
  readonly attrs: Attributes;
}

export interface Kernel {
  readonly kernelName: string;
  readonly backendName: string;
  readonly kernelFunc: (call: Omit<KernelCall, 'attrs'> & { readonly attrs: object }) => unknown;
  readonly setupFunc?: (backend: object) => void;
  readonly disposeFunc?: (backend: object) => void;
}

/** Both backends have the required members. The optional ones give access to data without a copy. */
export interface Backend {
  disposeData(dataId: object, force?: boolean): boolean;
  readSync(dataId: object): Float32Array;
  makeTensorInfo?(shape: readonly number[], dtype: string, values: Float32Array): TensorInfo;
  makeOutput?(shape: readonly number[], dtype: string): TensorInfo;
  typedArrayFromHeap?(tensor: TensorInfo): Float32Array;
}

/** The members of tfjs' Conv2DInfo that the adapter uses. */
export interface ConvInfo {
  readonly dataFormat: 'channelsLast' | 'channelsFirst';
  readonly inChannels: number;
  readonly outChannels: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outShape: readonly number[];
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly effectiveFilterHeight: number;
  readonly effectiveFilterWidth: number;
  readonly padInfo: { readonly top: number; readonly left: number };
}
