import { significant } from '../../foundation/units.ts';
import type { Column, TitledTable } from '../text-table.ts';
import type { Cell, PageTable } from './content.ts';

/** A column, and what it says of the thing that a row is about; nothing stands as a dash. */
export interface ItemColumn<Item> extends Column {
  cell: (item: Item) => Cell | undefined;
}

/** A table with a row for each item. */
export function tableOfItems<Item>(
  caption: string,
  columns: readonly ItemColumn<Item>[],
  items: readonly Item[],
): PageTable {
  return { caption, columns, rows: items.map((item) => columns.map(({ cell }) => cell(item) ?? '–')) };
}

/** A table of the text as the page has it: every column has a heading. */
export function pageTable({ title, columns, rows, hasTotal }: TitledTable): PageTable {
  return {
    caption: title,
    columns: columns.map((column) => (column.title === '' ? { ...column, title: 'what' } : column)),
    rows,
    ...(hasTotal && { hasTotal }),
  };
}

/** A column of words. */
export function words<Item>(title: string, cell: ItemColumn<Item>['cell']): ItemColumn<Item> {
  return { title, align: 'left', cell };
}

/** A column of figures. @param group a heading that it shares with its neighbours */
export function figures<Item>(
  title: string,
  cell: ItemColumn<Item>['cell'],
  group?: string,
): ItemColumn<Item> {
  return { title, align: 'right', cell, ...(group !== undefined && { group }) };
}

/** Three digits of what may be unknown. */
export function amount(value: number | undefined, scale = 1): string | undefined {
  return value === undefined ? undefined : significant(value * scale);
}

/** Columns that a table has only where there is something to say. */
export function columnsIf<Item>(condition: boolean, ...columns: ItemColumn<Item>[]): ItemColumn<Item>[] {
  return condition ? columns : [];
}
