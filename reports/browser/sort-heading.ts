import { make } from './elements.ts';

export type Direction = 'ascending' | 'descending';

/** Turns a heading into a button that asks for an order; asked again, for the other direction. */
export function makeSortHeading(heading: HTMLTableCellElement, sort: (direction: Direction) => void): void {
  const button = make('button', { type: 'button', class: 'sort' }, ...heading.childNodes);
  heading.append(button);
  button.addEventListener('click', () => {
    const direction = heading.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending';
    for (const other of heading.parentElement!.children) other.removeAttribute('aria-sort');
    heading.setAttribute('aria-sort', direction);
    sort(direction);
  });
}
