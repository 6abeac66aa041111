type Child = Node | string;

/** Creates an element; `attributes` are HTML attributes, including `class` and `data-…`. */
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

/** Creates a button; `kind` is its CSS class, such as `primary` or `ghost`. */
export function button(label: string, onClick: () => void, kind = ''): HTMLButtonElement {
  const node = el('button', { type: 'button', ...(kind && { class: kind }) }, label);
  node.addEventListener('click', onClick);
  return node;
}

/** Returns the first element below `root` that matches `selector`; throws if there is none. */
export function find<T extends HTMLElement = HTMLElement>(
  selector: string,
  root: ParentNode = document,
): T {
  const node = root.querySelector<T>(selector);
  if (!node) throw new Error(`the page has no ${selector}`);
  return node;
}

/** Lets the browser paint and handle events before the work continues. */
export const yieldToEventLoop = (): Promise<void> => new Promise((done) => setTimeout(done));

/** The message of an error, with its code if it has one. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return `${code}${error.message}`;
}

export const clamp = (value: number, min: number, max: number): number =>
  Math.min(max, Math.max(min, value));
