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
  time: column
    .optional()
    .describe(
      'column with when a label was known, in the unit of impressions; its empty cells have the delay',
    ),
  delay: quantity('time').default(0).describe('from the impression to a label that has no time of its own'),
});

/** What the columns of a CSV file are. */
export const layoutSchema = mapping({
  name,
  columns: z.array(column).min(1).optional().describe('of a file without a header, in their order'),
  delimiter: z.string().length(1).default(','),
  time: z
    .union([
      mapping({
        column,
        unit: oneOf(['s', 'ms', 'us', 'iso']),
        utc_offset: quantity('time', { max: 50_400 })
          .default(0)
          .describe('of the clock by which days begin, from UTC'),
      }),
      mapping({ rows_per_day: integerIn({ min: 1 }) }),
    ])
    .describe(
      'of the impression, in a column; or, where the file is only in order, how many rows make a day',
    ),
  order: oneOf(['sorted', 'sort'])
    .default('sorted')
    .describe('whether rows come in the order of time, or are to be put into it'),
  labels: z
    .record(name, labelSchema)
    .refine((labels) => Object.keys(labels).length > 0, 'expected a label')
    .describe('tasks by name; a cell is 1, 0, or empty where nothing is known'),
  fields: z.array(column).default([]).describe('columns of categories; an empty cell is one too'),
  buckets: z
    .array(column)
    .default([])
    .describe(
      'columns of counts, put into buckets by ⌊ln²(x + 1)⌋; what is below zero, or empty, has its own',
    ),
  vertical: mapping({ column, values: z.array(z.string()).min(1).max(maxVerticals).optional() })
    .optional()
    .describe('column whose value is the vertical, and those that there are; default: all that come up'),
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
