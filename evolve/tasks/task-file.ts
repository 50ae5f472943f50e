import { z } from 'zod';
import { validate } from '../../foundation/document.ts';
import { readDocument } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import { mapping, name, numberIn, oneOf } from '../../foundation/schema.ts';
import { measuredDataTypes } from '../../hardware-profiles/measurements-schema.ts';
import {
  type OperatorName,
  operatorAxes,
  operatorNames,
} from '../../hardware-profiles/operators-measured.ts';
import type { KernelTask, TaskShape } from '../kernel-task.ts';

const text = z.string().min(1);

const shapeSchema = mapping({
  shape: z.record(z.string(), numberIn({ min: 0 })).describe('size of each axis of the operator'),
  kind: text.optional(),
});

/** A task in a file of a user: which operator of the harness, in which data types, on which shapes. */
export const taskFileSchema = mapping({
  name,
  title: text.optional(),
  source: text.optional(),
  operator: oneOf(operatorNames as [OperatorName, ...OperatorName[]]).describe(
    'the operator of the harness, which knows its tensors, its reference and its tolerance',
  ),
  data_types: z.array(oneOf(measuredDataTypes)).min(1),
  search: z.array(shapeSchema).min(1).describe('shapes that the search sees'),
  held_out: z.array(shapeSchema).describe('shapes that decide in the end').optional(),
});

/** Reads a task in YAML or JSON. @throws InputError with the position of whatever is wrong in it */
export function readTaskFile(file: string): KernelTask {
  const document = readDocument(file);
  const read = validate(document, taskFileSchema);
  const axes: readonly string[] = operatorAxes[read.operator];
  const wrong = (['search', 'held_out'] as const).flatMap((list) =>
    (read[list] ?? []).flatMap(({ shape }, index) => {
      const missing = axes.filter((axis) => !Object.hasOwn(shape, axis));
      const other = Object.keys(shape).filter((axis) => !axes.includes(axis));
      const path = [list, index, 'shape'];
      return [
        ...missing.map((axis) => document.problemAt(path, `${read.operator} needs the axis ${axis}`)),
        ...other.map((axis) =>
          document.problemAt([...path, axis], `${read.operator} has no such axis: it has ${axes.join(', ')}`),
        ),
      ];
    }),
  );
  if (wrong.length > 0) throw new InputError(wrong);
  return {
    name: read.name,
    title: read.title ?? read.name,
    source: read.source ?? file,
    operator: read.operator,
    dataTypes: read.data_types,
    search: read.search.map(taskShape),
    heldOut: (read.held_out ?? []).map(taskShape),
  };
}

function taskShape({ shape, kind }: z.output<typeof shapeSchema>): TaskShape {
  return kind === undefined ? { shape } : { shape, kind };
}
