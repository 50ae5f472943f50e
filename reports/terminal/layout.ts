/** Room of the parts of the screen, in columns and rows. */
export interface Layout {
  columns: number;
  rows: number;
  listWidth: number;
  panelWidth: number;
  /** Rows between header and footer. */
  bodyHeight: number;
  /** Lines that an item of the list takes. */
  itemHeight: 1 | 2;
  /** Items that fit into the list. */
  listPage: number;
}

/** Smallest screen on which all is seen as it is meant. */
export const leastSize = { columns: 80, rows: 24 };

/** Rows above the body: title, tabs, rule. Below it: message, keys. Above the items of the list: count, titles. */
const headerHeight = 3;
const footerHeight = 2;
export const listHeadHeight = 2;

/** Columns of a list from which on an item needs one line. */
const leastOneLine = 58;

/** The rule between list and tab, and the blank beside it. */
const between = 2;

/** @param hasLongNames whether items of the list need a line for their name */
export function layoutOf(columns: number, rows: number, hasLongNames: boolean): Layout {
  const listWidth = Math.max(12, Math.min(widthOfList(columns), Math.floor(columns / 2)));
  const bodyHeight = Math.max(1, rows - headerHeight - footerHeight);
  const itemHeight = listWidth >= leastOneLine && !hasLongNames ? 1 : 2;
  return {
    columns,
    rows,
    listWidth,
    panelWidth: Math.max(8, columns - listWidth - between),
    bodyHeight,
    itemHeight,
    listPage: Math.max(1, Math.floor((bodyHeight - listHeadHeight) / itemHeight)),
  };
}

function widthOfList(columns: number): number {
  if (columns < 100) return 36;
  return columns < 130 ? 42 : Math.min(76, Math.floor(columns * 0.45));
}

/** First position that is seen, moved as little as shows the selected one. */
export function visibleTop(top: number, position: number, page: number, total: number): number {
  const last = Math.max(0, total - page);
  const within = Math.min(Math.max(top, position - page + 1), Math.max(position, 0));
  return Math.max(0, Math.min(within, last));
}
