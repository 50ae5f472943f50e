import { z } from 'zod';
import { validate } from '../../../foundation/document.ts';
import { namesInFolder, packageRoot, readDocument } from '../../../foundation/files.ts';
import { didYouMean } from '../../../foundation/near-name.ts';
import { InputError } from '../../../foundation/problem.ts';
import { integerIn, mapping, name, oneOf, quantity } from '../../../foundation/schema.ts';
import { maxVerticals } from '../stream.ts';

const column = z.string().min(1);

const labelSchema = mapping({
  column,
  /** Column with the time at which a label was known, in the unit of the impressions; its empty cells have `delay`. */
  time: column.optional(),
  /** Time from the impression to a label that has no time of its own. */
  delay: quantity('time').default(0),
});

/** What the columns of a CSV file are. */
export const layoutSchema = mapping({
  name,
  /** Names of the columns of a file without a header. */
  columns: z.array(column).min(1).optional(),
  delimiter: z.string().length(1).default(','),
  /** The impression's time in a column, or, where the file is only in order, how many rows make a day. */
  time: z.union([
    mapping({
      column,
      unit: oneOf(['s', 'ms', 'us', 'iso']),
      /** Of the clock by which days begin, from UTC. */
      utc_offset: quantity('time', { max: 50_400 }).default(0),
    }),
    mapping({ rows_per_day: integerIn({ min: 1 }) }),
  ]),
  /** Whether rows come in the order of time, or are to be put into it. */
  order: oneOf(['sorted', 'sort']).default('sorted'),
  /** Tasks by name; a cell is 1, 0, or empty where nothing is known. */
  labels: z.record(name, labelSchema).refine((labels) => Object.keys(labels).length > 0, 'expected a label'),
  /** Columns whose values are categories; an empty cell is one too. */
  fields: z.array(column).default([]),
  /** Columns of counts, put into buckets by ⌊ln²(x + 1)⌋; what is below zero, and what is empty, has its own. */
  buckets: z.array(column).default([]),
  /** The column whose value is the vertical, and those that there are; by default all that come up. */
  vertical: mapping({ column, values: z.array(z.string()).min(1).max(maxVerticals).optional() }).optional(),
});

export type Layout = z.output<typeof layoutSchema>;

const folder = 'distil/streams/csv/layouts';

/** Layouts that come with the package. */
export function layoutNames(): string[] {
  return namesInFolder(folder);
}

/**
 * A layout of the package by its name, or of a file.
 * @throws InputError with the place of what is wrong
 */
export function readLayout(nameOrFile: string): Layout {
  const isFile = /[./\\]/.test(nameOrFile);
  const names = layoutNames();
  if (!isFile && !names.includes(nameOrFile)) {
    throw new InputError(
      `unknown layout '${nameOrFile}'${didYouMean(nameOrFile, names)}; there are ${names.join(', ')}, or a .yaml file of yours`,
    );
  }
  const document = readDocument(isFile ? nameOrFile : `${packageRoot}/${folder}/${nameOrFile}.yaml`);
  const layout = validate(document, layoutSchema);
  if ('rows_per_day' in layout.time && Object.values(layout.labels).some((label) => label.time !== undefined))
    throw new InputError([document.problemAt(['labels'], 'labels have times, and impressions have none')]);
  if (layout.fields.length + layout.buckets.length === 0)
    throw new InputError([
      document.problemAt(['fields'], 'no column to predict from: expected fields or buckets'),
    ]);
  return layout;
}
