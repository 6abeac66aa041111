/*
 * The state that a link carries: `#section?key=value&key=value`. The section is where the page opens,
 * the rest is what has been changed in it.
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

  /** Puts a value into the address, or takes it out. */
  set(key: string, value: string | null): void {
    if (this.get(key) === value) return;
    if (value === null) this.#values.delete(key);
    else this.#values.set(key, value);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), WRITE_DELAY_MS);
  }

  /** Brings the address up to date at once. */
  flush(): void {
    clearTimeout(this.#timer);
    const values = this.#values.toString();
    const hash = `${this.#section}${values && `?${values}`}`;
    history.replaceState(null, '', hash ? `#${hash}` : `${location.pathname}${location.search}`);
  }

  /** Calls back when the visitor has opened another link of this page. */
  onOpen(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Shows the section that the link names; the browser knows only links of nothing else. */
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
      this.flush(); // a link within the page, which keeps what has been changed
    }
  }
}

/** Finite numbers from a link, or null unless there are `count` of them. */
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

/** Text, deflated, in the letters that an address may have. */
export async function compressText(text: string): Promise<string> {
  const bytes = await pipeThrough(
    new TextEncoder().encode(text),
    new CompressionStream('deflate-raw'),
  );
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** What `pack` was given; null for anything that it has not made. */
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
