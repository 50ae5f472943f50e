import { make } from './elements.ts';

/** A button that turns the page to the other theme; turned back, the page follows the system again. */
export function addThemeButton(): void {
  const root = document.documentElement;
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : prefersDark.matches);
  const button = make('button', { type: 'button', class: 'theme' });
  const name = () => {
    button.textContent = isDark() ? 'Light theme' : 'Dark theme';
  };
  button.addEventListener('click', () => {
    const isToBeDark = !isDark();
    if (isToBeDark === prefersDark.matches) delete root.dataset.theme;
    else root.dataset.theme = isToBeDark ? 'dark' : 'light';
    name();
  });
  prefersDark.addEventListener('change', name);
  name();
  document.querySelector('header .origin')?.append(button);
}
