import { label } from './drawing.ts';
import { text } from './svg.ts';

/** Room left of bars for the names of what they are of. */
export const nameRoom = 236;

/** A name with a line of small print below it, around a height. */
export function rowName(name: string, detail: string, y: number, className = 'label'): string {
  const isAlone = detail === '';
  return (
    label(name, { class: className, x: 0, y: isAlone ? y + 4 : y - 2, room: nameRoom - 10 }) +
    (isAlone ? '' : label(detail, { class: 'detail', x: 0, y: y + 13, room: nameRoom - 3 }))
  );
}

/** A name over the rows that belong to it. */
export function panelTitle(content: string, x: number, y: number): string {
  return text(content, { class: 'panel-title', x, y });
}

/** What is drawn of a list that may be too long to be drawn in whole, and a sentence on the rest. */
export function drawnRows<T>(
  rows: readonly T[],
  most: number,
  what: string,
): { shown: T[]; omitted: string } {
  return {
    shown: rows.slice(0, most),
    omitted:
      rows.length > most ? ` Drawn are the first ${most} of ${rows.length} ${what}; the table has all.` : '',
  };
}
