import type { Absence, Chart } from '../charts/chart.ts';
import type { Cell, Content, PageTable, Section } from '../html/content.ts';
import { plainText } from '../html/plain-text.ts';
import type { Column } from '../text-table.ts';
import { block, bullets, code, inline, markdownTable, paragraph } from './markdown.ts';

/** What a document in Markdown is made of. */
export interface MarkdownInput {
  /** What the answer says, as a page has it. */
  content: Content;
  charts: readonly Chart[];
  absent: readonly Absence[];
  /** Link to the picture of a chart, from where the document is; absent where no pictures are written. */
  pictureOf?: (id: string) => string;
  /** Name and version of the program that writes the document. */
  product: string;
}

/** Most rows of a table. */
const mostRows = 40;

/** Charts that draw what tables of the answer say, too. */
const saidElsewhere = new Set([
  'percentiles',
  'price-of-latency',
  'fleets',
  'evidence',
  'growth',
  'mix',
  'differences',
  'attribution',
  'gain-and-price',
  'gain-parts',
  'gain-swings',
  'system-costs',
  'freshness',
]);

/** The whole answer for a design document, as GitHub shows Markdown. The same input gives the same bytes. */
export function markdownReport({ content, charts, absent, pictureOf, product }: MarkdownInput): string {
  const parts = [
    `# ${inline(content.question)}`,
    ...answerBlocks(content),
    ...content.sections.flatMap((section) => sectionBlocks(section)),
    ...charts.flatMap((chart) => chartBlocks(chart, pictureOf?.(chart.id))),
    ...(pictureOf ? absentBlocks(absent) : []),
    ...sectionBlocks(content.evidence),
    ...provenanceBlocks(content, product),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function answerBlocks({ answer, figures }: Content): string[] {
  const columns = [
    { title: 'figure', align: 'left' as const },
    { title: 'value' },
    { title: 'of', align: 'left' as const },
  ];
  const rows = figures.map(({ label, value, unit, note }) => [
    label,
    [value, unit].filter(Boolean).join(' '),
    note ?? '',
  ]);
  return [...answer.map(paragraph), ...(rows.length > 0 ? [markdownTable(columns, rows)] : [])];
}

function sectionBlocks({ title, paragraphs = [], points = [], tables = [] }: Section): string[] {
  return [
    `## ${inline(title)}`,
    ...paragraphs.map(paragraph),
    ...tables.flatMap(tableBlocks),
    bulleted(points),
  ];
}

/** Points of several lines, as the remedies of what does not fit, are paragraphs of their own. */
function bulleted(points: readonly string[]): string {
  return points.some((point) => point.includes('\n')) ? points.map(paragraph).join('\n\n') : bullets(points);
}

function tableBlocks({ caption, columns, rows }: PageTable): string[] {
  return [paragraph(caption), ...cutTable(columns, rows)];
}

function cutTable(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string[] {
  const shown = rows.slice(0, mostRows).map((row) => row.map(textOf));
  const rest =
    rows.length > mostRows
      ? [`These are ${mostRows} of ${rows.length} rows; a table of data (--csv, --parquet) has all.`]
      : [];
  return [markdownTable(columns, shown), ...rest];
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : plainText(cell);
}

/** A picture with what is to be seen on it, and its figures to unfold; where there are no pictures, the figures. */
function chartBlocks({ id, title, note, table }: Chart, picture: string | undefined): string[] {
  const heading = `## ${inline(title)}`;
  const figures = saidElsewhere.has(id) ? [] : cutTable(table.columns, table.rows);
  if (picture === undefined) return figures.length > 0 ? [heading, ...figures] : [];
  const unfolding =
    figures.length > 0 ? ['<details><summary>The figures</summary>', ...figures, '</details>'] : [];
  return [heading, `![${inline(title)}](${picture})`, paragraph(note), ...unfolding];
}

function absentBlocks(absent: readonly Absence[]): string[] {
  if (absent.length === 0) return [];
  return ['## What cannot be drawn', bullets(absent.map(({ title, reason }) => `${title}: ${reason}`))];
}

/** What nobody stated, what tells the answer from any other, and how to get it again. */
function provenanceBlocks({ defaults, fingerprint, reproduce }: Content, product: string): string[] {
  const assumed = defaults.map(({ path, value }) => `${code(path)} ${inline(String(value))}`);
  return [
    ...(assumed.length > 0 ? ['## Defaults', `Not stated, and taken as usual: ${assumed.join(', ')}.`] : []),
    '## Fingerprint',
    fingerprint.map(([name, value]) => `- ${inline(name)}: ${code(value)}`).join('\n'),
    '## How to get it again',
    ...(reproduce.commands.length > 0 ? [block('sh', reproduce.commands.join('\n'))] : []),
    paragraph(reproduce.note),
    `Written by ${inline(product)}.`,
  ];
}
