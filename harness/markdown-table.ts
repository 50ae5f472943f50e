/** A table in Markdown: a line of titles, and one line for each row. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(titles), `|${'-|'.repeat(titles.length)}`, ...rows.map(line)].join('\n');
}
