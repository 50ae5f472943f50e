import { type SourceDocument, validate } from '../foundation/document.ts';
import { InputError } from '../foundation/problem.ts';
import { isMapping, valueAt } from '../scenarios/merge.ts';
import {
  maxPoints,
  maxSweptFields,
  type RangeSpec,
  type SweepSpec,
  sweepSchema,
} from '../scenarios/sweep-schema.ts';
import type { Percentile } from '../sim/result.ts';
import { percentiles } from '../sim/serving/replication.ts';
import type { PointTask } from '../sim/sweep-result.ts';
import { axisOf } from './axis.ts';
import { bundleFiles } from './bundle-files.ts';
import { digest } from './digest.ts';
import type { SweepBundle } from './point.ts';
import { grid, type Method, type Sample, sampled } from './sample.ts';
import { checkFields, type SweptAxis } from './swept-fields.ts';

/** What a person may say on the command line instead of in the file. */
export interface DesignOptions {
  points?: number;
  /** Of the sample and of all simulations. */
  seed?: number;
  replications?: number;
  /** False: every arm gets all its replications. */
  earlyStop?: boolean;
}

/** A sweep that is ready to run. */
export interface Design {
  /** Hash of all that decides its rows, but the number of points where a longer sweep begins with the same ones. */
  key: string;
  method: Method;
  points: number;
  bundle: SweepBundle;
  axes: SweptAxis[];
  /** What a summary compares rows by; the SLA's percentile, else p99. */
  judged: Percentile;
  hasSla: boolean;
  task(index: number): PointTask;
}

const example = 'sweep: { fields: { fleet.main.replicas: [1, 2, 4] } }';

/**
 * Makes a sweep of a scenario that has a `sweep` section, and checks all of it that can be checked beforehand.
 * @param name of the scenario, where it states none
 * @param product version of the program
 * @throws InputError with the position of every problem
 */
export async function designSweep(
  document: SourceDocument,
  name: string,
  product: string,
  options: DesignOptions = {},
): Promise<Design> {
  const { value } = document;
  if (!isMapping(value)) throw new InputError([document.problemAt([], 'expected a scenario')]);
  if (value.sweep === undefined) {
    throw new InputError([
      document.problemAt([], `this scenario has no sweep: say which fields take which values, as ${example}`),
    ]);
  }
  const section: SourceDocument = {
    file: document.file,
    value: value.sweep,
    problemAt: (path, message) => document.problemAt(['sweep', ...path], message),
  };
  const spec = validate(section, sweepSchema);
  const base = scenarioOf(value, options);
  const axes = axesOf(section, spec);
  checkOptions(axes, options);
  const readings = checkFields(document, base, axes);
  const { settings } = readings[0].read;
  const method = spec.method ?? 'grid';
  const seed = options.seed ?? spec.seed ?? settings.seed;
  const sample = sampleOf(section, spec, {
    axes,
    method,
    seed,
    ...(options.points !== undefined && { points: options.points }),
  });
  const rest: Omit<SweepBundle, 'key' | 'sweep'> = {
    product,
    name: settings.name ?? name,
    scenario: base,
    fields: axes.map(({ field }) => field),
    earlyStop: options.earlyStop ?? spec.early_stop ?? true,
    files: await bundleFiles(readings),
  };
  const bundleKey = digest(rest);
  const isOpenEnded = method === 'random' || method === 'sobol';
  const key = digest([bundleKey, method, spec.fields, seed, isOpenEnded ? 0 : sample.size]);
  const bundle: SweepBundle = { key: bundleKey, sweep: key, ...rest };
  return {
    key,
    method,
    points: sample.size,
    bundle,
    axes,
    judged: judgedPercentile(base, axes) ?? settings.sla?.percentile ?? 'p99',
    hasSla: settings.sla !== undefined,
    task: (index) => {
      const values = sample.valuesAt(index);
      return { index, key: digest([bundle.key, values]), values };
    },
  };
}

/** Where points differ in the percentile that they judge, rows are compared by that of the scenario itself. */
function judgedPercentile(base: Record<string, unknown>, axes: readonly SweptAxis[]): Percentile | undefined {
  if (!axes.some(({ field }) => field === 'sla.percentile')) return undefined;
  const stated = valueAt(base, ['sla', 'percentile']);
  return Object.keys(percentiles).find((one): one is Percentile => one === stated) ?? 'p99';
}

/** All tasks from the first on, but those that are done already or are not of this process. */
export async function* tasksOf(
  design: Design,
  isWanted: (index: number) => boolean,
): AsyncGenerator<PointTask> {
  for (let index = 0; index < design.points; index++) {
    if (isWanted(index)) yield design.task(index);
  }
}

/** The scenario that points change: what decides figures, and the options in it. */
function scenarioOf(
  { sweep: _, plan: __, question: ___, extends: ____, ...scenario }: Record<string, unknown>,
  { seed, replications }: DesignOptions,
): Record<string, unknown> {
  return {
    ...scenario,
    ...(seed !== undefined && { seed }),
    ...(replications !== undefined && { replications }),
  };
}

function axesOf(section: SourceDocument, { fields }: SweepSpec): SweptAxis[] {
  const names = Object.keys(fields);
  if (names.length > maxSweptFields) {
    throw new InputError([
      section.problemAt(['fields'], `sweeps ${names.length} fields; at most ${maxSweptFields} are swept`),
    ]);
  }
  return names.map((field) => ({
    field,
    isList: Array.isArray(fields[field]),
    axis: axisOf(fields[field], (key: keyof RangeSpec, message): never => {
      throw new InputError([section.problemAt(['fields', field, key], message)]);
    }),
  }));
}

/** An option that a swept field would undo is a mistake. */
function checkOptions(axes: readonly SweptAxis[], options: DesignOptions): void {
  for (const option of ['seed', 'replications'] as const) {
    if (options[option] === undefined || !axes.some(({ field }) => field === option)) continue;
    throw new InputError(
      `--${option} ${options[option]}: the sweep itself sets ${option}; leave the option out`,
    );
  }
}

function sampleOf(
  section: SourceDocument,
  spec: SweepSpec,
  {
    axes,
    method,
    seed,
    points = spec.points,
  }: { axes: SweptAxis[]; method: Method; seed: number; points?: number | undefined },
): Sample {
  const only = axes.map(({ axis }) => axis);
  if (method !== 'grid') {
    if (points === undefined) {
      throw new InputError([section.problemAt(['method'], `${method} needs points, how many to sample`)]);
    }
    return sampled(only, { method, points, seed });
  }
  for (const { axis, field } of axes) {
    if (axis.size !== undefined) continue;
    const message = 'a grid needs a finite number of values: state step or count';
    throw new InputError([section.problemAt(['fields', field], message)]);
  }
  const whole = grid(only);
  if (points !== undefined) {
    const message = `a grid has ${whole.size} points of its own; to sample some, state method: sobol, latin-hypercube or random`;
    throw new InputError(
      spec.points === undefined ? `--points ${points}: ${message}` : [section.problemAt(['points'], message)],
    );
  }
  if (whole.size > maxPoints) {
    const message = `makes ${whole.size} points; at most ${maxPoints} are simulated: sample them with method: sobol`;
    throw new InputError([section.problemAt(['fields'], message)]);
  }
  return whole;
}
