import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { locate } from '../../../foundation/problem.ts';
import { checkStream, type StreamReport } from '../check.ts';
import type { ExampleStream } from '../stream.ts';
import { CsvColumns } from './csv-columns.ts';
import type { Layout } from './layout.ts';
import { orderByTime } from './order.ts';
import { checkIsText, parseProblem } from './parse-problem.ts';

/**
 * Reads a stream of examples from a CSV file of some layout. Streamed: memory holds ids, labels and times, and each
 * value of a category once.
 * @throws InputError with file:line of the first bad row, and with the file for what `checkStream` refuses
 */
export async function readCsvStream(
  file: string,
  layout: Layout,
): Promise<{ stream: ExampleStream; report: StreamReport }> {
  checkIsText(file);
  let rowBefore = 0;
  const columns = new CsvColumns(file, layout);
  const parser = parse({
    bom: true,
    delimiter: layout.delimiter,
    // Where tabs part the cells, a quote is a letter.
    quote: layout.delimiter === '\t' ? null : '"',
    trim: layout.delimiter !== '\t',
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: 1 << 20,
    // Rows are read as they are parsed: only then does the parser know the line that it is at.
    on_record: (record: string[], { lines }) => {
      rowBefore = lines;
      return columns.read(record, lines);
    },
  });
  try {
    await pipeline(createReadStream(file), parser, async (records) => {
      for await (const _ of records);
    });
  } catch (error) {
    throw parseProblem(error, file, parser.info.lines, rowBefore);
  }
  const { stream, unknownVerticals } = columns.stream();
  const moved = layout.order === 'sort' ? orderByTime(stream) : 0;
  const report = locate(
    (message) => ({ file, message }),
    () => checkStream(stream, { moved, unknownVerticals }),
  );
  return { stream, report };
}
