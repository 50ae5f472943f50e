import { make } from './elements.ts';
import { cellOf, compareDots, type Points } from './points.ts';
import { makeSortHeading } from './sort-heading.ts';

/** Most dots that are listed: the first ones in the order that was asked for. */
const mostRows = 50;

/** The chosen dots in a table that any of its columns sorts. */
export class ChosenList {
  readonly box = make('div', { class: 'chosen-points controls' });
  private readonly points: Points;
  private readonly count = make('output', { 'aria-live': 'polite' });
  private readonly body = make('tbody');
  private readonly table: HTMLElement;
  private chosen: readonly number[] = [];
  private order: (a: number, b: number) => number = (a, b) => a - b;

  constructor(points: Points) {
    this.points = points;
    const headings = points.columns.map((column) => {
      const heading = make(
        'th',
        { scope: 'col', ...('numbers' in column && { class: 'number' }) },
        column.title,
      );
      makeSortHeading(heading, (direction) => {
        const sign = direction === 'ascending' ? 1 : -1;
        this.order = (a, b) => compareDots(column, a, b, sign) || a - b;
        this.fill();
      });
      return heading;
    });
    const table = make('table', {}, make('thead', {}, make('tr', {}, ...headings)), this.body);
    this.table = make(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Chosen points', hidden: '' },
      table,
    );
    this.box.append(this.count, this.table);
  }

  /** @param isAsked whether anything restricts the choice: no dots are none of many, or not asked for */
  show(chosen: readonly number[], isAsked: boolean): void {
    this.chosen = chosen;
    const all = this.points.x.length;
    this.count.textContent = isAsked ? `${chosen.length} of ${all} points chosen${this.cut()}` : '';
    this.table.hidden = chosen.length === 0;
    this.fill();
  }

  private cut(): string {
    return this.chosen.length > mostRows
      ? `; the first ${mostRows} in the order of the table are listed`
      : '';
  }

  private fill(): void {
    const { columns } = this.points;
    const first = [...this.chosen].sort(this.order).slice(0, mostRows);
    this.body.replaceChildren(
      ...first.map((dot) =>
        make(
          'tr',
          {},
          ...columns.map((column) =>
            make('td', 'numbers' in column ? { class: 'number' } : {}, cellOf(column, dot)),
          ),
        ),
      ),
    );
  }
}
