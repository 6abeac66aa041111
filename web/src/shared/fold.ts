/** Closes `details`, which wide screens show open, on phones; printing opens it. */
export function foldOnPhone(details: HTMLDetailsElement): void {
  details.open = !matchMedia('(max-width: 40rem)').matches;
  addEventListener('beforeprint', () => {
    details.open = true;
  });
}
