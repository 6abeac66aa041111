/*
 * The page's state in the URL: `#section?key=value&key=value`. The section is where the page opens; the
 * values are what the visitor has changed.
 */

const WRITE_DELAY_MS = 250;

export class Link {
  #section = '';
  #values = new URLSearchParams();
  readonly #listeners = new Set<() => void>();
  #timer = 0;

  constructor() {
    this.#read();
    addEventListener('hashchange', () => this.#onHashChange());
  }

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
    const values = this.#values.toString();
    const hash = `${this.#section}${values && `?${values}`}`;
    history.replaceState(null, '', hash ? `#${hash}` : `${location.pathname}${location.search}`);
  }

  /** Calls `listener` when the visitor opens a link to this page with other values. */
  onOpen(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Scrolls to the link's section. The browser itself does so only for links without values. */
  scrollToSection(): void {
    if (this.#section && this.#values.size > 0) {
      document.getElementById(this.#section)?.scrollIntoView({ behavior: 'instant' });
    }
  }

  #read(): void {
    const [section = '', values] = location.hash.slice(1).split('?', 2);
    this.#section = /^[\w-]*$/.test(section) ? section : '';
    if (values !== undefined) this.#values = new URLSearchParams(values);
  }

  #onHashChange(): void {
    const before = this.#values.toString();
    this.#read();
    if (this.#values.toString() !== before) {
      for (const listener of this.#listeners) listener();
      this.scrollToSection();
    } else if (before !== '') {
      this.flush(); // a link within the page keeps the values
    }
  }
}

/** Parses `count` comma-separated numbers of at most 1e6 in magnitude; null if `text` is anything else. */
export function parseNumbers(text: string | null, count: number): number[] | null {
  if (text === null) return null;
  const numbers = text.split(',').map(Number);
  return numbers.length === count && numbers.every((value) => Math.abs(value) <= 1e6)
    ? numbers
    : null;
}

export const joinNumbers = (numbers: readonly number[]): string =>
  numbers.map((value) => Number(value.toPrecision(7))).join(',');

async function pipeThrough(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const body = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(body).arrayBuffer());
}

/** Compresses text with raw DEFLATE and encodes it as URL-safe base64. */
export async function compressText(text: string): Promise<string> {
  const bytes = await pipeThrough(
    new TextEncoder().encode(text),
    new CompressionStream('deflate-raw'),
  );
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Reverses `compressText`; returns null for invalid input. */
export async function decompressText(compressed: string): Promise<string | null> {
  try {
    const binary = atob(compressed.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    const plain = await pipeThrough(bytes, new DecompressionStream('deflate-raw'));
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch {
    return null;
  }
}
