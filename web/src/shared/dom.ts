type Child = Node | string;

/** An element with attributes and children; `class`, `data-…` and the rest are plain attributes. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A button of the page; `kind` is a class such as `primary` or `ghost`. */
export function button(label: string, onClick: () => void, kind = ''): HTMLButtonElement {
  const node = el('button', { type: 'button', ...(kind && { class: kind }) }, label);
  node.addEventListener('click', onClick);
  return node;
}

/** The one element below `root` that the page promises to have. */
export function find<T extends HTMLElement = HTMLElement>(
  selector: string,
  root: ParentNode = document,
): T {
  const node = root.querySelector<T>(selector);
  if (!node) throw new Error(`the page has no ${selector}`);
  return node;
}

/** Lets the browser paint and answer before the next piece of work. */
export const yieldToEventLoop = (): Promise<void> => new Promise((done) => setTimeout(done));

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return `${code}${error.message}`;
}

export const clamp = (value: number, min: number, max: number): number =>
  Math.min(max, Math.max(min, value));
