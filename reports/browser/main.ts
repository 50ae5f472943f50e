import { bringToLife } from './live-chart.ts';
import { followReading } from './reading-position.ts';
import { addFilter } from './row-filter.ts';
import { watchScrollBoxes } from './scroll-boxes.ts';
import { makeSortable } from './sortable-table.ts';
import { addThemeButton } from './theme-button.ts';
import { Tooltip } from './tooltip.ts';

/**
 * What a pointer and a keyboard can do on a page that is whole without it: exact values of a drawing, series brought
 * out, dots chosen from thousands, tables sorted and filtered, the other theme.
 */
const tooltip = new Tooltip();
for (const figure of document.querySelectorAll<HTMLElement>('main figure')) bringToLife(figure, tooltip);
for (const table of document.querySelectorAll<HTMLTableElement>('main table')) {
  makeSortable(table);
  addFilter(table);
}
watchScrollBoxes();
addThemeButton();
followReading();
