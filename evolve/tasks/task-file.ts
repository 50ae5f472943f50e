import { z } from 'zod';
import { type SourceDocument, validate } from '../../foundation/document.ts';
import { readDocument } from '../../foundation/files.ts';
import { didYouMean } from '../../foundation/near-name.ts';
import { InputError, type Problem } from '../../foundation/problem.ts';
import { integerIn, mapping, name, numberIn, oneOf } from '../../foundation/schema.ts';
import { measuredDataTypes } from '../../hardware-profiles/measurements-schema.ts';
import {
  type OperatorName,
  operatorAxes,
  operatorNames,
  type Shape,
} from '../../hardware-profiles/operators-measured.ts';
import { operatorSpecs } from '../../harness/operators/index.ts';
import type { KernelTask, TaskShape } from '../kernel-task.ts';

const text = z.string().min(1);

const shapeSchema = mapping({
  shape: z.record(z.string(), numberIn({ min: 0 })).describe('size of each axis of the operator'),
  kind: text.optional().describe('what is special about it; shapes of different kinds are reported apart'),
});

/** A task in a file: which operator of the harness, in which data types, on which shapes. */
export const taskFileSchema = mapping({
  name,
  title: text.optional(),
  source: text.optional().describe('where the operator and its shapes come from'),
  operator: oneOf(operatorNames as [OperatorName, ...OperatorName[]]).describe(
    'the operator of the harness, which knows its tensors, its reference and its tolerance',
  ),
  data_types: z.array(oneOf(measuredDataTypes)).min(1),
  search: z.array(shapeSchema).min(1).describe('shapes that the search sees'),
  held_out: z.array(shapeSchema).describe('shapes that decide in the end').optional(),
});

type TaskFile = z.output<typeof taskFileSchema>;

/** Axes that need not be whole numbers. */
const fractionalAxes = new Set(['skew']);

const wholeNumber = integerIn();

/**
 * Reads a task in YAML or JSON.
 * @throws InputError with the position of whatever is wrong in it: an operator without a reference, a data type that the
 *   operator does not have, a shape with other axes than it or with sizes that it does not take, a shape that is both
 *   searched on and held out
 */
export function readTaskFile(file: string): KernelTask {
  const document = readDocument(file);
  const read = validate(document, taskFileSchema);
  if (hasNoTensors(read.operator)) {
    const message = `${read.operator} has no tensors and so no reference that a kernel's answers could be compared with`;
    throw new InputError([document.problemAt(['operator'], message)]);
  }
  const problems = [...typeProblems(document, read), ...shapeProblems(document, read)];
  if (problems.length > 0) throw new InputError(problems);
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

function typeProblems(document: SourceDocument, { operator, data_types }: TaskFile): Problem[] {
  const spec = operatorSpecs[operator];
  return data_types.flatMap((dataType, index) => {
    const path = ['data_types', index];
    if (data_types.indexOf(dataType) < index)
      return [document.problemAt(path, `${dataType} stands here twice`)];
    if (spec.dataTypes.includes(dataType)) return [];
    const message = `${operator} has no reference for ${dataType}: it has ${spec.dataTypes.join(', ')}`;
    return [document.problemAt(path, message)];
  });
}

/** Launches and remote calls are measured by the devices that make them. */
function hasNoTensors(operator: OperatorName): boolean {
  const { selfChecked, dataTypes, tensors } = operatorSpecs[operator];
  if (selfChecked) return true;
  const ones = Object.fromEntries(operatorAxes[operator].map((axis) => [axis, 1]));
  return tensors(dataTypes[0], ones).length === 0;
}

function shapeProblems(document: SourceDocument, read: TaskFile): Problem[] {
  const seen = new Map<string, string>();
  return (['search', 'held_out'] as const).flatMap((list) =>
    (read[list] ?? []).flatMap(({ shape }, index) => {
      const path = [list, index, 'shape'];
      const wrong = axisProblems(document, read, path, shape);
      if (wrong.length > 0) return wrong;
      const key = JSON.stringify(operatorAxes[read.operator].map((axis) => shape[axis]));
      const before = seen.get(key);
      seen.set(key, before ?? `${list}[${index}]`);
      return before === undefined ? [] : [document.problemAt(path, `the same shape as ${before}`)];
    }),
  );
}

function axisProblems(
  document: SourceDocument,
  { operator, data_types }: TaskFile,
  path: PropertyKey[],
  shape: Shape,
): Problem[] {
  const axes: readonly string[] = operatorAxes[operator];
  const missing = axes.filter((axis) => !Object.hasOwn(shape, axis));
  const problems = [
    ...missing.map((axis) => document.problemAt(path, `${operator} needs the axis ${axis}`)),
    ...Object.entries(shape).flatMap(([axis, size]) => {
      const at = (message: string) => [document.problemAt([...path, axis], message)];
      if (!axes.includes(axis))
        return at(`${operator} has no such axis${didYouMean(axis, missing)}: it has ${axes.join(', ')}`);
      const isWhole = fractionalAxes.has(axis) || wholeNumber.safeParse(size).success;
      return isWhole ? [] : at(`must be a whole number, got ${size}`);
    }),
  ];
  if (problems.length > 0 || !operatorSpecs[operator].dataTypes.includes(data_types[0])) return problems;
  const refusal = refusalOf(operator, data_types[0], shape);
  return refusal === undefined ? [] : [document.problemAt(path, refusal)];
}

/** Why an operator does not take a shape, if it does not. */
function refusalOf(
  operator: OperatorName,
  dataType: TaskFile['data_types'][number],
  shape: Shape,
): string | undefined {
  try {
    const empty = operatorSpecs[operator].tensors(dataType, shape).find(({ length }) => !(length > 0));
    return empty && `${empty.name} would have ${empty.length} elements`;
  } catch (error) {
    return (error as Error).message;
  }
}
