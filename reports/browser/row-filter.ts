import { make } from './elements.ts';

/** Fewest rows that take a filter to be found among. */
const fewestRows = 25;

/** A box above a long table that leaves only rows with all the words in it. */
export function addFilter(table: HTMLTableElement): void {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < fewestRows) return;
  const texts = rows.map((row) => (row.textContent ?? '').toLowerCase());
  const input = make('input', { type: 'search', placeholder: 'words, any order' });
  const count = make('output', {}, `${rows.length} rows`);
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\s+/);
    let shown = 0;
    rows.forEach((row, index) => {
      row.hidden = !words.every((word) => texts[index].includes(word));
      if (!row.hidden) shown++;
    });
    count.textContent = `${shown} of ${rows.length} rows`;
  });
  const box = make('div', { class: 'filter controls' }, make('label', {}, 'Only rows with ', input), count);
  table.closest('.scroll')?.before(box);
}
