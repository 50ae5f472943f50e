import type { ListedTable } from './schema-tables.ts';

export function readTablesCsv(_source: { file: string; text: string }, _room: number): ListedTable[] {
  return [];
}
