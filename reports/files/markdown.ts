import type { Column } from '../text-table.ts';

/** A line of GitHub Markdown that shows a text as it is, whatever stands in it. */
export function inline(text: string): string {
  return escaped(text.trim()).replace(/\s*\n\s*/g, '<br>');
}

/** Running text, whose lines stay lines; lines that are numbered make a list. */
export function paragraph(text: string): string {
  return text
    .split('\n')
    .map((line) => escaped(line.trim()))
    .map((line) => line.replace(/^([#>+=-])/, '\\$1'))
    .join('  \n');
}

/** A list of sentences. */
export function bullets(points: readonly string[]): string {
  return points.map((point) => `- ${inline(point)}`).join('\n');
}

/** A table; headings that columns share stand before the heading of each. */
export function markdownTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const titles = columns.map(({ title, group }) => (group === undefined ? title : `${group}: ${title}`));
  return [
    line(titles.map(inline)),
    line(columns.map(({ align = 'right' }) => (align === 'left' ? ':--' : '--:'))),
    ...rows.map((row) => line(columns.map((_, index) => inline(row[index] ?? '')))),
  ].join('\n');
}

/** Text in a font of fixed width, within a line. */
export function code(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1);
  const isBare = !/^`|`$/.test(text);
  return isBare ? `${fence}${text}${fence}` : `${fence} ${text} ${fence}`;
}

/** Lines in a font of fixed width. */
export function block(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Most backticks that stand side by side. */
function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/**
 * What Markdown or HTML would take for markup is escaped; underscores within a word are left, which mean nothing.
 * Control characters, which no reader sees, become spaces.
 */
function escaped(text: string): string {
  return text
    .replace(/[^\P{Cc}\n]|[\u2028\u2029]/gu, ' ')
    .replace(/[\\`*[\]|~$]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/&(?=#?\w+;)/g, '&amp;')
    .replaceAll('<', '&lt;');
}
