import { formatPath, type SourceDocument } from '../foundation/document.ts';
import { InputError, type Problem } from '../foundation/problem.ts';
import { isMapping, isWrittenIn, missingEntry, withPath } from '../scenarios/merge.ts';
import { type ReadScenario, readScenario } from '../scenarios/resolve.ts';
import { settingsSchema } from '../scenarios/schema.ts';
import type { FieldValue } from '../sim/sweep-result.ts';
import type { Axis } from './axis.ts';

/** A swept field with its axis. */
export interface SweptAxis {
  field: string;
  axis: Axis;
  /** Whether the values are listed, so that a problem is one of an item. */
  isList: boolean;
}

/** Settings that say what is asked rather than what is simulated. */
const notSwept = ['version', 'extends', 'name', 'question', 'baseline', 'plan', 'sweep', 'arms'];

/** Coordinates at which values of a range are checked: both ends, and some way between. */
const probes = [0, 0.382, 1 - 2 ** -32];

/**
 * Checks that every field can be swept and takes every value listed, or those of a range that are probed.
 * @param document the scenario, with `base` in the place of its value: what it says less its `sweep`
 * @returns every reading of the scenario, each with the document that locates its problems, to see what it names
 * @throws InputError with the positions of all fields and values that are wrong
 */
export function checkFields(
  document: SourceDocument,
  base: Record<string, unknown>,
  axes: readonly SweptAxis[],
): { document: SourceDocument; read: ReadScenario }[] {
  const problems = axes.flatMap(({ field }) => problemsOfField(document, base, field, axes));
  if (problems.length > 0) throw new InputError(problems);
  const readings: { document: SourceDocument; read: ReadScenario }[] = [];
  const found: Problem[] = [];
  const known = new Set<string>();
  const note = (problem: Problem) => {
    const { line, column, path = '', message } = problem;
    const ids = [`${line}:${column} ${path}`, `${path.replace(/\[\d+\]$/, '')} ${message}`];
    if (!ids.some((id) => known.has(id))) found.push(problem);
    for (const id of ids) known.add(id);
  };
  axes.forEach((tested, position) => {
    checkedValues(tested).forEach((choice, index) => {
      // With the first values, whatever the field, the scenario is the same.
      if (position > 0 && index === 0) return;
      const values = axes.map((one) => ({ ...one, ...(one === tested ? choice : firstOf(one)) }));
      // Arms differ in other fields: the first of them tells whether another value is one.
      const scenario = position === 0 && index === 0 ? base : withFirstArm(base);
      const document_ = withValues(document, scenario, values);
      try {
        readings.push({ document: document_, read: readScenario(document_) });
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        // One mistake in the name of a field is one problem, however many values it has, and so is one in a range.
        for (const problem of error.problems) note(problem);
      }
    });
  });
  if (found.length > 0) {
    const place = ({ line = 0, column = 0 }: Problem) => line * 1e6 + column;
    throw new InputError(found.sort((a, b) => place(a) - place(b)));
  }
  return readings;
}

interface Choice {
  value: FieldValue;
  /** Position in the list, for problems. */
  item?: number;
}

function checkedValues({ axis, isList }: SweptAxis): Choice[] {
  if (!isList) return probes.map((coordinate) => ({ value: axis.at(coordinate) }));
  return Array.from({ length: axis.size ?? 0 }, (_, item) => ({ value: axis.nth(item), item }));
}

function firstOf(swept: SweptAxis): Choice {
  return checkedValues(swept)[0];
}

/** The scenario with values set; a problem of a swept field points to where the field is swept. */
function withValues(
  document: SourceDocument,
  scenario: unknown,
  values: readonly (SweptAxis & Choice)[],
): SourceDocument {
  return {
    file: document.file,
    value: values.reduce((value, one) => withPath(value, one.field.split('.'), one.value), scenario),
    problemAt: (path, message) => {
      const wanted = `${formatPath(path)}.`;
      const swept =
        values.find(({ field }) => wanted.startsWith(`${field}.`)) ??
        values.find(({ field }) => `${field}.`.startsWith(wanted));
      if (!swept || path.length === 0) return document.problemAt(path, message);
      const place = ['sweep', 'fields', swept.field];
      if (swept.item !== undefined) return document.problemAt([...place, swept.item], message);
      const hint = message.startsWith('expected a whole number') ? '; state integer: true' : '';
      return document.problemAt(place, `${message}${hint}`);
    },
  };
}

/** The scenario with one arm: the first, with the first of all values that it varies. */
function withFirstArm(base: Record<string, unknown>): Record<string, unknown> {
  const { arms, baseline: _, ...rest } = base;
  if (!Array.isArray(arms)) return base;
  const [first] = arms as [Record<string, unknown>];
  const { vary, ...entry } = first;
  if (!isMapping(vary)) return { ...rest, arms: [first] };
  const one = Object.entries(vary).map(([key, values]) => [key, (values as unknown[]).slice(0, 1)]);
  return { ...rest, arms: [{ ...entry, vary: Object.fromEntries(one) }] };
}

function problemsOfField(
  document: SourceDocument,
  base: Record<string, unknown>,
  field: string,
  axes: readonly SweptAxis[],
): Problem[] {
  const at = (message: string) => document.problemAt(['sweep', 'fields', field], message);
  const path = field.split('.');
  if (path.includes('')) return [at(`'${field}' is not a dotted field such as fleet.main.replicas`)];
  if (notSwept.includes(path[0])) return [at(`${path[0]} cannot be swept`)];
  const outer = axes.find((other) => field.startsWith(`${other.field}.`));
  const missing = missingEntry(base, path);
  if (missing) return [at(missing)];
  if (outer) return [at(`is a part of ${outer.field}, which is swept, too`)];
  if (Object.hasOwn(settingsSchema.shape, path[0])) return [];
  const message = `the arm sets ${field} itself, so that sweeping it would not change the arm: state it in one place`;
  const arms = Array.isArray(base.arms) ? base.arms : [];
  return arms.flatMap((entry, index) =>
    setsField(entry, base, path) ? [document.problemAt(['arms', index], message)] : [],
  );
}

/** Whether an entry of `arms` decides the field, whatever the scenario says. */
function setsField(entry: unknown, base: Record<string, unknown>, path: string[]): boolean {
  if (!isMapping(entry)) return false;
  const { name: _, vary, ...override } = entry;
  const field = path.join('.');
  const isVaried = Object.keys(isMapping(vary) ? vary : {}).some(
    (key) => `${key}.`.startsWith(`${field}.`) || `${field}.`.startsWith(`${key}.`),
  );
  return isVaried || isWrittenIn(override, withPath(base, path, 0), path);
}
