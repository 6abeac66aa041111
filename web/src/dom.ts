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

export function svg(
  tag: string,
  attributes: Record<string, string | number> = {},
  ...children: Child[]
): SVGElement {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** The one element that index.html promises to have. */
export function find<T extends HTMLElement = HTMLElement>(selector: string): T {
  const node = document.querySelector<T>(selector);
  if (!node) throw new Error(`index.html has no ${selector}`);
  return node;
}

/** Lets the browser paint and answer before the next piece of work. */
export const breathe = (): Promise<void> => new Promise((done) => setTimeout(done));

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return `${code}${error.message}`;
}

/** 1234567 → 1,234,567; the page speaks English whatever the browser's language. */
export const grouped = (value: number): string => value.toLocaleString('en');

/** A number for a figure, with a true minus sign; without `digits` nothing of a float32 is rounded away. */
export const figure = (value: number, digits?: number): string => {
  const text = digits === undefined ? String(Number(value.toPrecision(9))) : value.toFixed(digits);
  return text.startsWith('-') ? `−${text.slice(1)}` : text;
};
