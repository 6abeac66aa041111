// Copies arguments for a worker. Buffers that the caller transfers are not copied.

import {
  assertReadable,
  canvasColorSpace,
  isDrawable,
  isElement,
} from '../operators/image-source.js';
import { isPlainObject } from '../runtime/arguments.js';
import { Corr2dError, invalid, unexpected } from '../runtime/errors.js';
import { allocateOrThrow } from '../runtime/platform.js';
import { bufferOf, kindOf } from '../tensor/views.js';
import { assertUsable, heldBy } from './held.js';
import { type Path, type Reference, setAt } from './messages.js';

/** The arguments of a call as they are sent. */
export interface Packed {
  readonly args: readonly unknown[];
  readonly references: readonly Reference[];
  readonly transfer: readonly object[];
  /** The bitmaps of DOM elements, which complete `args` and `transfer`. */
  readonly bitmaps: readonly Promise<ImageBitmap>[];
}

/** The call whose arguments are copied. */
export interface Packing {
  /** The prefix of messages. */
  readonly name: string;
  /** The id of the call. */
  readonly id: number;
  readonly connection: object;
  /** The buffers and objects that the caller transfers. */
  readonly transfer: readonly object[];
}

/**
 * Copies arguments. Every typed array in the copy has a buffer of its own, which is transferred; only
 * arrays whose buffers the caller transfers are passed on as they are. Tensors become `{ data, shape }`,
 * images `{ data, width, height, colorSpace }`, and handles become references. Throws OUT_OF_MEMORY, and whatever
 * prevents an argument from being copied.
 */
export function pack(values: readonly unknown[], packing: Packing): Packed {
  const transfer = [...packing.transfer];
  const references: Reference[] = [];
  const bitmaps: Promise<ImageBitmap>[] = [];
  const given = new Set<unknown>(transfer);
  const copies = new Map<object, unknown>();
  /** Whether the function accepts images that are not decoded yet. */
  const decodes = packing.name === 'fromImageAsync' || packing.name === 'image';
  /** The place of the value that is being copied. */
  const path: (string | number)[] = [];

  const copyAt = (key: string | number, one: unknown): unknown => {
    path.push(key);
    const copy = copyOf(one);
    path.pop();
    return copy;
  };

  const copyOf = (one: unknown): unknown => {
    if (typeof one === 'function' || typeof one === 'symbol') {
      throw unexpected(placeOf(packing.name, path), one, 'a value that can be sent to a worker');
    }
    if (typeof one !== 'object' || one === null) return one;
    const held = heldBy(one);
    if (held) {
      assertUsable(held, placeOf(packing.name, path), packing);
      references.push({ path: path.slice(), id: held.id });
      return undefined;
    }
    if (!copies.has(one)) {
      if (ArrayBuffer.isView(one)) copies.set(one, copyNumbers(one));
      else if (Array.isArray(one)) copyArray(one);
      else if (isElement(one, decodes)) drawElement(one, path.slice());
      else copyMembers(one);
    }
    return copies.get(one);
  };

  const copyNumbers = (view: ArrayBufferView): ArrayBufferView => {
    const kind = kindOf(view) as 'Float32Array' | undefined;
    if (kind === undefined || given.has(bufferOf(view))) return view;
    // A structured clone would copy the whole buffer, and would share a SharedArrayBuffer.
    const array = view as Float32Array;
    const copy = allocateOrThrow(array.byteLength, packing.name, () => new globalThis[kind](array));
    transfer.push(copy.buffer);
    return copy;
  };

  // An array or an object may contain itself, so its copy is registered before its items.
  const copyArray = (array: readonly unknown[]): void => {
    if (!array.includes(undefined) && array.every((item) => typeof item === 'number')) {
      copies.set(array, array.slice());
      return;
    }
    const copy: unknown[] = [];
    copies.set(array, copy);
    for (let i = 0; i < array.length; i++) {
      const item = array[i];
      copy.push(copyAt(i, item));
      // No function accepts undefined items, and a sparse array may have billions of them.
      if (item === undefined) break;
    }
  };

  const copyMembers = (one: object): void => {
    const names = memberNames(one);
    const copy: Record<string, unknown> = {};
    copies.set(one, names ? copy : one);
    for (const name of names ?? []) {
      copy[name] = copyAt(name, memberOf(one, name));
    }
  };

  const memberOf = (one: object, name: string): unknown => {
    try {
      return (one as Record<string, unknown>)[name];
    } catch (cause) {
      // The error of a disposed tensor names its getter `data`; name the argument instead.
      const { code, message } = cause as Corr2dError;
      if (!(cause instanceof Corr2dError)) throw cause;
      throw new Corr2dError(code, message.replace(/^data: /, `${placeOf(packing.name, path)}: `));
    }
  };

  const drawElement = (element: object, place: Path): void => {
    const { name } = packing;
    const where = `${name}: ${ELEMENTS[name] ?? 'image'}`;
    const drawn = async () => {
      // Elements without `decode` are read at once, before the caller can change them.
      if (decodes && 'decode' in element) await (element as HTMLImageElement).decode();
      if (isDrawable(element)) assertReadable(element, where);
      const bitmap = await createImageBitmap(element as ImageBitmapSource);
      setAt(args, place, bitmap);
      // These functions keep the colour space of a canvas, which its bitmap does not expose.
      if (name === 'filter2d' || name === 'image') {
        const options = args[args.length - 1] as { colorSpace?: unknown };
        if (options.colorSpace === undefined) options.colorSpace = canvasColorSpace(element);
      }
      transfer.push(bitmap);
      return bitmap;
    };
    bitmaps.push(
      drawn().catch((cause) => {
        if (cause instanceof Corr2dError) throw cause;
        throw invalid(`${where} cannot be ${decodes ? 'decoded' : 'read'}: ${cause}`, cause);
      }),
    );
  };

  const args: unknown[] = [];
  try {
    for (const [i, value] of values.entries()) args.push(copyAt(i, value));
  } catch (cause) {
    closeAll(bitmaps);
    throw unsendable(placeOf(packing.name, path), cause);
  }
  return { args, references, transfer, bitmaps };
}

/** The names of the arguments that may be elements, by function, where they are not `image`. */
const ELEMENTS: Readonly<Record<string, string>> = {
  filter2d: 'imageData',
  fromImage: 'source',
  fromImageAsync: 'source',
  image: 'source',
};

/** Closes bitmaps that are not sent. */
export function closeAll(bitmaps: readonly Promise<ImageBitmap>[]): void {
  for (const bitmap of bitmaps) {
    bitmap.then(
      (drawn) => drawn.close(),
      () => {},
    );
  }
}

/** The function that the user called: `createClient` for the call `load`. */
export const calledName = (name: string) => (name === 'load' ? 'createClient' : name);

/**
 * The error for an argument that cannot be copied or sent: for example, a getter throws, a buffer was transferred
 * before, or an element cannot be cloned.
 */
export function unsendable(where: string, cause: unknown): Corr2dError {
  if (cause instanceof Corr2dError) return cause;
  return invalid(`${where} cannot be sent to the worker: ${cause}`, cause);
}

/** The place of the first argument or option that cannot be cloned; undefined if there is none. */
export function uncloneable(args: readonly unknown[]): Path | undefined {
  const isUncloneable = (value: unknown) => {
    try {
      structuredClone(value);
      return false;
    } catch {
      return true;
    }
  };
  const place = args.findIndex(isUncloneable);
  if (place < 0) return undefined;
  const members = isPlainObject(args[place]) ? Object.entries(args[place]) : [];
  const option = members.find(([, one]) => isUncloneable(one));
  return option ? [place, option[0]] : [place];
}

/** The place of an argument in messages, such as `stack: argument 1[0]`, or `conv2d: bias` for an option. */
export function placeOf(name: string, path?: Path): string {
  if (path === undefined) return `${calledName(name)}: an argument`;
  const [place, ...keys] = path;
  const isOption = typeof keys[0] === 'string' && keys[0] !== 'data';
  const steps = keys.map((key) => (typeof key === 'string' ? `.${key}` : `[${key}]`));
  return `${calledName(name)}: ${isOption ? keys[0] : `argument ${(place as number) + 1}${steps.join('')}`}`;
}

/**
 * The members to copy; undefined for an object of another class, which is sent as it is. The members
 * of tensors and images are getters, which a structured clone ignores.
 */
function memberNames(one: object): readonly string[] | undefined {
  if ('data' in one && 'shape' in one) return ['data', 'shape'];
  if ('data' in one && 'width' in one) return ['data', 'width', 'height', 'colorSpace'];
  const prototype = Object.getPrototypeOf(one);
  return prototype === Object.prototype || prototype === null ? Object.keys(one) : undefined;
}
