/*
 * The page's state in the URL: `#place?key=value&key=value`. The place is the id of the element where the
 * page opens; the values are what the visitor has changed. Invalid values are ignored.
 */

const WRITE_DELAY_MS = 250;
/** Longer values are ignored, and so is code that decompresses to more characters. */
const MAX_VALUE_LENGTH = 20_000;
const MAX_TEXT_LENGTH = 100_000;

/** Replaces the current history entry. Without `url`, the entry keeps its URL. */
export function replaceHistory(state: unknown, url?: string): void {
  try {
    history.replaceState(state, '', url);
  } catch {
    // Browsers limit how often a page may do this; a later call saves the state.
  }
}

export class Link {
  #place = '';
  #values = new URLSearchParams();
  readonly #openListeners = new Set<() => void>();
  readonly #arrivalListeners = new Set<() => void>();
  #timer = 0;

  constructor() {
    this.#read();
    addEventListener('hashchange', () => this.#onHashChange());
  }

  /** Id of the element where the page opens; empty for the top of the page. */
  get place(): string {
    return this.#place;
  }

  /** The value of a key; null if it is not set. */
  get(key: string): string | null {
    return this.#values.get(key);
  }

  /** Sets a value in the URL, or removes it if it is null. The URL is updated after a short delay. */
  set(key: string, value: string | null): void {
    if (this.get(key) === value) return;
    if (value === null) this.#values.delete(key);
    else this.#values.set(key, value);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), WRITE_DELAY_MS);
  }

  /** Writes pending changes to the URL immediately. */
  flush(): void {
    clearTimeout(this.#timer);
    const hash = hashOf(this.#place, this.#values);
    replaceHistory(history.state, hash || `${location.pathname}${location.search}`);
  }

  /** The page's URL with `place` and the current values, except those of `changes`. */
  urlAt(place: string, changes: Readonly<Record<string, string | null>> = {}): string {
    const values = new URLSearchParams(this.#values);
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) values.delete(key);
      else values.set(key, value);
    }
    return `${location.href.split('#', 1)[0]}${hashOf(place, values)}`;
  }

  /** Calls `listener` when the visitor opens a link to this page with other values. */
  onOpen(listener: () => void): void {
    this.#openListeners.add(listener);
  }

  /** Calls `listener` after every change of the URL's place or values by a link or by the history. */
  onArrival(listener: () => void): void {
    this.#arrivalListeners.add(listener);
  }

  #read(): void {
    const { place, values } = parseHash(location.hash);
    this.#place = place;
    if (values) this.#values = values;
  }

  #onHashChange(): void {
    const before = this.#values.toString();
    this.#read();
    if (this.#values.toString() !== before) {
      for (const listener of this.#openListeners) listener();
    } else if (before !== '') {
      this.flush(); // a link within the page keeps the values
    }
    for (const listener of this.#arrivalListeners) listener();
  }
}

/** The parts of a URL's hash; `values` is null if it has none. */
function parseHash(hash: string): { place: string; values: URLSearchParams | null } {
  const [place = '', text] = hash.slice(1).split('?', 2);
  const values = text === undefined ? null : new URLSearchParams(text);
  for (const [key, value] of [...(values ?? [])]) {
    if (value.length > MAX_VALUE_LENGTH) values?.delete(key);
  }
  return { place: /^[\w-]*$/.test(place) ? place : '', values };
}

function hashOf(place: string, values: URLSearchParams): string {
  const text = values.toString().replaceAll('%2C', ',');
  return place || text ? `#${place}${text && `?${text}`}` : '';
}

/** Parses `count` comma-separated numbers of at most 1e6 in magnitude; null if `text` is anything else. */
export function parseNumbers(text: string | null, count: number): number[] | null {
  if (text === null) return null;
  const parts = text.split(',');
  const numbers = parts.map(Number);
  const areValid = numbers.every((value, i) => parts[i]?.trim() && Math.abs(value) <= 1e6);
  return numbers.length === count && areValid ? numbers : null;
}

export const joinNumbers = (numbers: readonly number[]): string =>
  numbers.map((value) => Number(value.toPrecision(7))).join(',');

const pipeThrough = (
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array> => new Blob([bytes]).stream().pipeThrough(stream);

/** Compresses text with raw DEFLATE and encodes it as URL-safe base64. */
export async function compressText(text: string): Promise<string> {
  const stream = pipeThrough(new TextEncoder().encode(text), new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Reverses `compressText`; returns null for invalid input and for very long texts. */
export async function decompressText(compressed: string): Promise<string | null> {
  try {
    const binary = atob(compressed.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    const reader = pipeThrough(bytes, new DecompressionStream('deflate-raw')).getReader();
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += decoder.decode(part.value, { stream: true });
      if (text.length > MAX_TEXT_LENGTH) {
        await reader.cancel();
        return null;
      }
    }
    return text + decoder.decode();
  } catch {
    return null;
  }
}
