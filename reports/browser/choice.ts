import { brush, select } from 'd3';
import { ChosenList } from './chosen-list.ts';
import { make, makeSvg } from './elements.ts';
import type { Points } from './points.ts';

/** A rectangle in units of the drawing, as the brush has it. */
type Rectangle = [[left: number, top: number], [right: number, bottom: number]];

/** Room around the outermost dots, in units of the drawing, in which a rectangle may begin. */
const margin = 12;

/**
 * Lets a reader choose dots: by a rectangle over the drawing, by a range of any figure, or by both. The chosen ones are
 * lit up, and listed below. Escape, or a double click, lets them go.
 */
export function offerChoice(figure: HTMLElement, svg: SVGSVGElement, points: Points): void {
  const { x, y } = points;
  const light = makeSvg('path', { class: 'chosen' });
  const list = new ChosenList(points);
  const range = new RangeControls(points);
  let rectangle: Rectangle | undefined;

  const update = () => {
    const isInside = (dot: number) =>
      !rectangle ||
      (x[dot] >= rectangle[0][0] &&
        x[dot] <= rectangle[1][0] &&
        y[dot] >= rectangle[0][1] &&
        y[dot] <= rectangle[1][1]);
    const isAsked = rectangle !== undefined || range.isStated();
    const chosen = isAsked ? [...x.keys()].filter((dot) => isInside(dot) && range.holds(dot)) : [];
    light.setAttribute('d', chosen.map((dot) => `M${x[dot]},${y[dot]}h0`).join(''));
    list.show(chosen, isAsked);
  };

  const layer = makeSvg('g', { class: 'brush' });
  const brushing = brush<unknown>()
    .extent(extentOf(points))
    .on('brush end', ({ selection }: { selection: Rectangle | null }) => {
      rectangle = selection ?? undefined;
      update();
    });
  svg.classList.add('has-points');
  svg.prepend(layer);
  svg.append(light);
  const brushed = select<SVGGElement, unknown>(layer).call(brushing);
  const clear = () => {
    range.reset();
    brushed.call(brushing.clear);
    update();
  };
  layer.addEventListener('dblclick', clear);
  // Wherever the focus is: a drag leaves it on the page.
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') clear();
  });
  range.box.addEventListener('input', update);
  range.clearButton.addEventListener('click', clear);
  figure.querySelector('figcaption')!.after(range.box, list.box);
}

function extentOf({ x, y }: Points): Rectangle {
  const [left, right, top, bottom] = [x, x, y, y].map((all, index) =>
    all.reduce((end, value) => (index % 2 === 0 ? Math.min(end, value) : Math.max(end, value))),
  );
  return [
    [left - margin, top - margin],
    [right + margin, bottom + margin],
  ];
}

/** A choice by numbers, for those without a pointer and for exact bounds. */
class RangeControls {
  readonly clearButton = make('button', { type: 'button' }, 'Clear');
  readonly box: HTMLElement;
  private readonly columns: { title: string; numbers: (number | null)[] }[];
  private readonly column = make('select', { 'aria-label': 'figure to choose points by' });
  private readonly from = make('input', { type: 'number', step: 'any' });
  private readonly to = make('input', { type: 'number', step: 'any' });

  constructor({ columns }: Points) {
    this.columns = columns.filter((column) => 'numbers' in column);
    this.column.append(...this.columns.map(({ title }) => make('option', {}, title)));
    this.box = make(
      'div',
      { class: 'choice controls', role: 'group', 'aria-label': 'Choice of points' },
      'Drag over the chart, or choose by ',
      this.column,
      make('label', {}, 'from ', this.from),
      make('label', {}, 'to ', this.to),
      this.clearButton,
    );
  }

  isStated(): boolean {
    return this.from.value !== '' || this.to.value !== '';
  }

  holds(dot: number): boolean {
    if (!this.isStated()) return true;
    const value = this.columns[this.column.selectedIndex].numbers[dot];
    if (value === null) return false;
    return (
      (this.from.value === '' || value >= this.from.valueAsNumber) &&
      (this.to.value === '' || value <= this.to.valueAsNumber)
    );
  }

  reset(): void {
    this.from.value = '';
    this.to.value = '';
  }
}
