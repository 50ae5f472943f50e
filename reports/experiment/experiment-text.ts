import { printable } from '../../foundation/problem.ts';
import type { ExperimentResult } from '../../sim/training/experiment-result.ts';
import type { Cell, PageTable, Section } from '../html/content.ts';
import { plainText } from '../html/plain-text.ts';
import { type Column, foldedTable, usualWidth, wrap } from '../text-table.ts';
import { experimentInWords } from './in-words.ts';
import { sectionsOf } from './sections.ts';

const textWidth = 100;

/** Rows of a table that a terminal shows; pages and files have all of them. */
const mostRows = 60;

/** Longer texts are sentences. */
const widestCell = usualWidth / 2;

/** An experiment as a terminal shows it. */
export function experimentText(result: ExperimentResult): string {
  const { sections, evidence } = sectionsOf(result, { isBrief: true });
  const warnings = result.warnings.map((warning) => `Warning: ${warning}`);
  const blocks = [
    wrap(experimentInWords(result).join(' '), textWidth),
    ...warnings.map((warning) => wrap(warning, textWidth)),
    ...[...sections, evidence].flatMap(sectionBlocks),
  ];
  // Names come from files of data, which may hold anything.
  return printable(`${blocks.filter((block) => block !== '').join('\n\n')}\n`);
}

function sectionBlocks({ title, paragraphs = [], tables = [], points = [] }: Section): string[] {
  const parts = [
    ...paragraphs.map((text) => wrap(text, textWidth)),
    ...tables.map(tableText),
    ...(points.length > 0 ? [points.map(bullet).join('\n')] : []),
  ];
  const [first = '', ...others] = parts;
  return [`${title}\n${'═'.repeat([...title].length)}\n${first}`, ...others];
}

function bullet(point: string): string {
  return `- ${wrap(point, textWidth - 2).replaceAll('\n', '\n  ')}`;
}

function tableText({ caption, columns, rows }: PageTable): string {
  const shown = rows.slice(0, mostRows).map((row) => row.map(textOf));
  const rest = rows.length > mostRows ? `\n… and ${rows.length - mostRows} more rows (--html, --csv)` : '';
  return `${wrap(`${caption}:`, textWidth)}\n${bodyOf(columns, shown)}${rest}`;
}

/** Sentences stand below the figures, or instead of a table that would hold little else. */
function bodyOf(columns: readonly Column[], rows: readonly string[][]): string {
  const isWordy = columns.map((_, index) => rows.some((row) => [...(row[index] ?? '')].length > widestCell));
  if (!isWordy.includes(true)) return foldedTable(columns, rows);
  const narrow = columns.filter((_, index) => !isWordy[index]);
  if (narrow.length < 3) return rows.map((row) => wordyRow(row)).join('\n');
  const figures = foldedTable(
    narrow,
    rows.map((row) => row.filter((_, index) => !isWordy[index])),
  );
  const sentences = rows.map(([name, ...cells]) =>
    wordyRow([name, ...cells.filter((_, at) => isWordy[at + 1])]),
  );
  return `${figures}\n\n${sentences.join('\n')}`;
}

/** `(a) not shown: what is claimed`. */
function wordyRow(cells: readonly string[]): string {
  const said = cells.filter((cell) => cell !== '');
  const [head, last] = [said.slice(0, -1), said[said.length - 1]];
  return wrap(`${head.join(' ')}: ${last}`, textWidth).replaceAll('\n', '\n    ');
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : plainText(cell);
}
