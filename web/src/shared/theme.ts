import { find } from './dom';

/** The button that turns the page dark or light; public/theme.js applies the choice on the next visit. */
export function mountTheme(): void {
  const root = document.documentElement;
  const toggle = find<HTMLButtonElement>('#theme');
  const label = () => {
    const dark = root.dataset.theme === 'dark';
    toggle.textContent = dark ? 'Light' : 'Dark';
    toggle.setAttribute(
      'aria-label',
      dark ? 'Light: use the light theme' : 'Dark: use the dark theme',
    );
  };
  toggle.hidden = false;
  toggle.addEventListener('click', () => {
    root.dataset.theme = root.dataset.theme === 'dark' ? 'light' : 'dark';
    try {
      localStorage.setItem('corr2d-theme', root.dataset.theme);
    } catch {
      // storage may be forbidden; the choice then lasts as long as the page
    }
  });
  new MutationObserver(label).observe(root, { attributeFilter: ['data-theme'] });
  label();
}
