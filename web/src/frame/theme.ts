import { find } from '../shared/dom';

/** Mounts the button that toggles the theme; public/theme.js restores the choice on the next visit. */
export function mountTheme(): void {
  const root = document.documentElement;
  const toggle = find<HTMLButtonElement>('#theme');
  const name = find('#theme-name');
  const label = () => {
    const dark = root.dataset.theme === 'dark';
    name.textContent = dark ? 'Light' : 'Dark';
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
      // Storage may be blocked; then the choice lasts until the page is closed.
    }
  });
  new MutationObserver(label).observe(root, { attributeFilter: ['data-theme'] });
  label();
}
