import { didYouMean } from '../foundation/near-name.ts';
import { InputError, type Problem } from '../foundation/problem.ts';
import { readRecords } from './measurement-csv.ts';
import type { MeasuredStep, StepDistillation } from './training-steps.ts';
import { stepPaths, timedParts } from './training-steps-schema.ts';

const columns = [
  'model',
  'tables',
  'rows',
  'dim',
  'dense',
  'data_type',
  'examples',
  'devices',
  'distillation',
  'head_width',
  'adapter_width',
  'path',
  'median_s',
  'spread',
  'repeats',
  ...timedParts.map((part) => `${part.replaceAll('-', '_')}_s`),
  'error',
  'lookups',
  'parameters',
  'memory_bytes',
  'update',
  'date',
  'software',
];

/** Error of a table update up to which its step has a time. */
export const stepTolerance = 1e-2;

const longestS = 1e6;
const largestCount = 2 ** 50;

/** The first line of `training-steps.csv`, without its end. */
export const stepsHeader = columns.join(',');

/** A step as a line, without its end. Times keep seven digits. */
export function stepLine(step: MeasuredStep): string {
  const { factors, distillation, parts } = step;
  const rounded = (value: number, digits: number) => Number(value.toPrecision(digits));
  const widths = distillation.kind === 'auxiliary-heads' ? distillation : undefined;
  return [
    step.model,
    factors.tables,
    factors.rows,
    factors.dim,
    factors.dense,
    step.dataType,
    step.examples,
    step.devices,
    distillation.kind,
    widths?.headWidth ?? '',
    widths?.adapterWidth ?? '',
    step.path,
    rounded(step.medianS, 7),
    rounded(step.spread, 3),
    step.repeats,
    ...timedParts.map((part) => (parts[part] === undefined ? '' : rounded(parts[part], 5))),
    rounded(step.error, 3),
    step.lookups,
    step.parameters,
    step.memoryBytes,
    step.update,
    step.date,
    step.software,
  ].join(',');
}

/**
 * The steps of a `training-steps.csv`. What stands after the last line feed was cut off while it was written, and is
 * left out.
 * @throws InputError with file:line for a wrong header, ragged lines and values that are not measurements
 */
export function stepsFromCsv(text: string, file: string): MeasuredStep[] {
  const [header, ...records] = readRecords(text.slice(0, text.lastIndexOf('\n') + 1), file);
  if (header?.cells.join(',') !== stepsHeader) {
    const message = `expected the header ${stepsHeader}`;
    throw new InputError([{ file, line: header?.line ?? 1, column: 1, message }]);
  }
  const problems: Problem[] = [];
  const steps = records.map(({ cells, line }) => {
    const reader = new StepReader(cells);
    const step = reader.step();
    problems.push(...reader.wrong.map((message) => ({ file, line, column: 1, message })));
    return step;
  });
  if (problems.length > 0) throw new InputError(problems);
  return steps;
}

/** Reads the cells of one line and collects what is wrong with them. */
class StepReader {
  readonly wrong: string[] = [];
  private readonly cells: Map<string, string>;

  constructor(cells: readonly string[]) {
    if (cells.length !== columns.length) {
      this.wrong.push(`has ${cells.length} values for ${columns.length} columns`);
    }
    this.cells = new Map(columns.map((column, index) => [column, cells[index] ?? '']));
  }

  step(): MeasuredStep {
    const timed = timedParts.filter((part) => this.cells.get(columnOf(part)) !== '');
    const step: MeasuredStep = {
      model: this.text('model'),
      factors: {
        tables: this.number('tables', 1e-6, 1e6),
        rows: this.number('rows', 1e-9, 1e9),
        dim: this.number('dim', 1e-6, 1e6),
        dense: this.number('dense', 1e-6, 1e6),
      },
      dataType: this.word('data_type', ['fp32', 'tf32', 'bf16']),
      examples: this.count('examples', 1),
      devices: this.count('devices', 1),
      distillation: this.distillation(),
      path: this.word('path', stepPaths),
      medianS: this.number('median_s', 1e-12, longestS),
      spread: this.number('spread', 0, 1e9),
      repeats: this.count('repeats', 1),
      parts: Object.fromEntries(timed.map((part) => [part, this.number(columnOf(part), 0, longestS)])),
      error: this.number('error', 0, 1e300),
      lookups: this.count('lookups', 0),
      parameters: this.count('parameters', 0),
      memoryBytes: this.count('memory_bytes', 0),
      update: this.word('update', ['triton', 'torch']),
      date: this.text('date', /^\d{4}-\d{2}-\d{2}$/, 'a date'),
      software: this.text('software'),
    };
    if (step.error > stepTolerance) this.complain(`error ${step.error}: a wrong step has no time`);
    return step;
  }

  private distillation(): StepDistillation {
    const kind = this.word('distillation', ['none', 'one-head', 'auxiliary-heads']);
    if (kind !== 'auxiliary-heads') {
      for (const column of ['head_width', 'adapter_width']) {
        if (this.cells.get(column) !== '') this.complain(`${column}: ${kind} has no heads`);
      }
      return { kind };
    }
    const headWidth = this.count('head_width', 1);
    if (this.cells.get('adapter_width') === '') return { kind, headWidth };
    return { kind, headWidth, adapterWidth: this.count('adapter_width', 1) };
  }

  private count(column: string, min: number): number {
    return this.number(column, min, largestCount, true);
  }

  private number(column: string, min: number, max: number, whole = false): number {
    const text = this.cells.get(column)!;
    const value = /^[+-]?[\d.]/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
      const kind = whole ? 'a whole number' : 'a number';
      this.complain(`${column}: expected ${kind} from ${min} to ${max}, got '${text}'`);
    }
    return value;
  }

  private word<const Words extends readonly string[]>(column: string, words: Words): Words[number] {
    const text = this.cells.get(column)!;
    if (!words.includes(text)) {
      const expected = `expected one of ${words.join(', ')}`;
      this.complain(`${column}: ${expected}, got '${text}'${didYouMean(text, words)}`);
    }
    return text;
  }

  private text(column: string, pattern = /\S/, expected = 'a name'): string {
    const text = this.cells.get(column)!;
    if (!pattern.test(text)) this.complain(`${column}: expected ${expected}, got '${text}'`);
    return text;
  }

  /** A ragged line is one mistake, not one for each of its values. */
  private complain(message: string): void {
    if (this.wrong.length === 0 || !this.wrong[0].startsWith('has ')) this.wrong.push(message);
  }
}

function columnOf(part: (typeof timedParts)[number]): string {
  return `${part.replaceAll('-', '_')}_s`;
}
