/** Closes what only wide screens show from the start, and opens it to print. */
export function foldOnPhones(): void {
  const folded = document.querySelectorAll<HTMLDetailsElement>('details[data-fold]');
  const isPhone = matchMedia('(max-width: 40rem)').matches;
  for (const details of folded) details.open = !isPhone;
  addEventListener('beforeprint', () => {
    for (const details of folded) details.open = true;
  });
}
