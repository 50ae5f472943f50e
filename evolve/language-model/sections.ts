import { significant } from '../../foundation/units.ts';
import { operatorSpecs } from '../../harness/operators/index.ts';
import type { Attempt, Context } from '../operator.ts';
import { definitionOf } from './definitions.ts';
import { fenced } from './fenced.ts';
import { problemSection } from './problem-section.ts';

/** What the kernel has to do, on which tensors and shapes. */
export function taskSection(context: Context): string {
  const { task, dataType, language } = context;
  if (task.operator === 'problem') return problemSection(context);
  const { tensors, tolerance } = operatorSpecs[task.operator];
  const shapes = task.search.map(({ shape, kind }) => `- ${axesOf(shape)}${kind ? ` (${kind})` : ''}`);
  const [{ shape }] = task.search;
  const rows = tensors(dataType, shape).map(({ name, role, element, length, rowLength }) => {
    const row = rowLength === undefined ? '' : `, rows of ${rowLength}`;
    return `- ${name}: ${role}, ${length} elements of ${element}${row}`;
  });
  const most = tolerance(dataType, shape);
  return [
    `# Task: ${task.title}`,
    `A kernel in ${language} for the operator ${task.operator} on ${dataType}: ${definitionOf(task.operator)}`,
    `Tensors, in this order, for the first of the shapes below:\n${rows.join('\n')}`,
    `Shapes that it is judged on, by the geometric mean of its speedups:\n${shapes.join('\n')}`,
    most === 0
      ? 'The answer must be exact.'
      : `‖out − reference‖ / ‖reference‖ may be at most ${most.toExponential()}, the reference being float64.`,
  ].join('\n\n');
}

export function deviceSection({ device }: Context): string {
  const { name, kind, units, memoryBytes, cacheBytes, details } = device;
  const facts = Object.entries({
    multiprocessors: units || undefined,
    'bytes of memory': memoryBytes || undefined,
    'bytes of last-level cache': cacheBytes || undefined,
    ...details,
  });
  const lines = facts
    .filter(([, value]) => value !== undefined)
    .map(([what, value]) => `- ${what}: ${value}`);
  return `# Device\n\n${name}, a ${kind}\n${lines.join('\n')}`;
}

/** An attempt with its source and all that was found of it. */
export function attemptSection(title: string, { artifact, evaluation, rationale }: Attempt): string {
  const { failure, timings, resources, reference } = evaluation;
  const log = failure?.log ? `\n\n${fenced(failure.log.slice(0, mostLog))}` : '';
  const outcome = failure
    ? `It failed at stage "${failure.stage}": ${failure.reason}${log}`
    : [
        `Score ${significant(evaluation.score)} against ${reference}.`,
        ...timings.map(
          ({ shape, candidateS, referenceS, speedup, error, tolerance, speedOfLight }) =>
            `- ${axesOf(shape)}: ${microseconds(candidateS)}, reference ${microseconds(referenceS)}, ${significant(speedup.mean)} ×, ${significant(100 * speedOfLight, 2)} % of the speed of light, error ${error.toExponential(1)} of ${tolerance.toExponential(1)}`,
        ),
      ].join('\n');
  const known = Object.entries(resources ?? {}).filter(([, value]) => typeof value === 'number');
  const use =
    known.length > 0 ? `\n\nResources: ${known.map(([what, value]) => `${what} ${value}`).join(', ')}` : '';
  return `# ${title}\n\nMade by: ${rationale}\n\n${fenced(artifact.text, artifact.language)}\n\n${outcome}${use}`;
}

const mostLog = 4000;

/** Attempts in a line each, for those whose sources would be too much. */
export function linesOf(title: string, attempts: readonly Attempt[]): string | undefined {
  if (attempts.length === 0) return undefined;
  const lines = attempts.map(({ id, evaluation, rationale }) => {
    const outcome = evaluation.failure
      ? `failed (${evaluation.failure.signature})`
      : `${significant(evaluation.score)} ×`;
    return `- node ${id}, ${outcome}: ${rationale}`;
  });
  return `# ${title}\n\n${lines.join('\n')}`;
}

export function diagnosisSection({ diagnosis }: Context): string | undefined {
  if (!diagnosis) return undefined;
  const { primary, deferred, findings } = diagnosis;
  const later = deferred.length > 0 ? `\n\nDeferred until this is gone: ${deferred.join(', ')}.` : '';
  return `# What holds it back: ${primary}\n\n${findings.map((finding) => `- ${finding}`).join('\n')}${later}`;
}

export function failuresSection({ failures }: Context): string | undefined {
  if (failures.length === 0) return undefined;
  const lines = failures.map(
    ({ signature, reason, count, tried }) =>
      `- ${count} × ${signature}: ${reason}\n${tried.map((line) => `  - tried: ${line}`).join('\n')}`,
  );
  return `# What failed before in this search; do not repeat it\n\n${lines.join('\n')}`;
}

function axesOf(shape: Readonly<Record<string, number>>): string {
  return Object.entries(shape)
    .map(([axis, size]) => `${axis} ${size}`)
    .join(', ');
}

function microseconds(seconds: number): string {
  return `${significant(seconds * 1e6)} µs`;
}
