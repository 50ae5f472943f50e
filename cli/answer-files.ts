import type { z } from 'zod';
import { formatPath, maxDocumentBytes, type SourceDocument, validate } from '../foundation/document.ts';
import { fileSize, readDocument, readTextFile } from '../foundation/files.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { show } from '../foundation/wording.ts';
import { type Comparison, comparisonSchema, comparisonVersion } from '../sim/compare/comparison-result.ts';
import { type PlanResult, planResultSchema, planResultVersion } from '../sim/fleet/plan-result.ts';
import { type Result, resultSchema, resultVersion } from '../sim/result.ts';
import { type SweepResult, sweepResultSchema, sweepResultVersion } from '../sim/sweep-result.ts';
import {
  type DistillationComparison,
  distillationComparisonSchema,
  distillationComparisonVersion,
} from '../sim/training/comparison/distillation-comparison-result.ts';
import {
  type DistillationResult,
  distillationResultSchema,
  distillationResultVersion,
} from '../sim/training/distillation-result.ts';
import {
  type DistillationPlan,
  distillationPlanSchema,
  distillationPlanVersion,
} from '../sim/training/plan/distillation-plan-result.ts';

/** An answer that a file holds. */
export type Answer =
  | { kind: 'result'; result: Result }
  | { kind: 'plan'; plan: PlanResult }
  | { kind: 'comparison'; comparison: Comparison }
  | { kind: 'sweep'; sweep: SweepResult }
  | { kind: 'distillation'; distillation: DistillationResult }
  | { kind: 'distillation-plan'; distillationPlan: DistillationPlan }
  | { kind: 'distillation-comparison'; distillationComparison: DistillationComparison };

/** Largest answer that is read: a result with a model of 100,000 tables takes some 60 MB. */
const maxAnswerBytes = 256 * 2 ** 20;

const formats: Record<string, { version: number; again: string }> = {
  'rankfleet-result': { version: resultVersion, again: 'simulate its scenario again' },
  'rankfleet-distillation-result': {
    version: distillationResultVersion,
    again: 'simulate its scenario again',
  },
  'rankfleet-distillation-plan': { version: distillationPlanVersion, again: 'plan its scenario again' },
  'rankfleet-distillation-comparison': { version: distillationComparisonVersion, again: 'compare again' },
  'rankfleet-plan': { version: planResultVersion, again: 'plan its scenario again' },
  'rankfleet-comparison': { version: comparisonVersion, again: 'compare again' },
  'rankfleet-sweep-result': { version: sweepResultVersion, again: 'write it again, by rankfleet report' },
};

/** Format of a scenario that is kept beside its result: no answer, but a question. */
export const bundleFormat = 'rankfleet-scenario';

/** Formats that the reader takes, where that is not all of them, and what a person is told of any other. */
export interface Accepted {
  formats: readonly string[];
  otherwise: string;
}

const anyFormat: Accepted = {
  formats: Object.keys(formats),
  otherwise: 'rankfleet reads results, plans, comparisons and sweeps',
};

/**
 * The answer in a file; undefined where the file holds no JSON, or a scenario.
 * @throws InputError for JSON that is cut short, of an unknown format or version, or not what its format promises
 */
export function readAnswer(file: string, accepted = anyFormat): Answer | undefined {
  const value = jsonIn(file);
  if (value === undefined) return undefined;
  const { format } = value;
  if (format === bundleFormat) return undefined;
  if (format === undefined) {
    if (looksLikeAnswer(value)) throw foreign(file, `has no format: ${nameOf(value)}`);
    return undefined;
  }
  checkFormat(file, value, accepted);
  switch (format) {
    case 'rankfleet-plan':
      return { kind: 'plan', plan: parsed(file, value, planResultSchema) };
    case 'rankfleet-comparison':
      return { kind: 'comparison', comparison: parsed(file, value, comparisonSchema) };
    case 'rankfleet-sweep-result': {
      const { format: _, version: __, ...sweep } = parsed(file, value, sweepResultSchema);
      return { kind: 'sweep', sweep };
    }
    case 'rankfleet-distillation-plan': {
      const distillationPlan = parsed(file, value, distillationPlanSchema);
      if (distillationPlan.alternatives.length === 0) throw foreign(file, 'is a plan without alternatives');
      return { kind: 'distillation-plan', distillationPlan };
    }
    case 'rankfleet-distillation-comparison':
      return {
        kind: 'distillation-comparison',
        distillationComparison: parsed(file, value, distillationComparisonSchema),
      };
    case 'rankfleet-distillation-result': {
      const distillation = parsed(file, value, distillationResultSchema);
      if (distillation.arms.length === 0) throw foreign(file, 'is a result without arms');
      return { kind: 'distillation', distillation };
    }
    default: {
      const result = parsed(file, value, resultSchema);
      if (result.arms.length === 0) throw foreign(file, 'is a result without arms');
      return { kind: 'result', result };
    }
  }
}

/** A problem of a whole file. */
export function foreign(file: string, message: string): InputError {
  return new InputError([{ file, message }]);
}

function checkFormat(
  file: string,
  { format, version }: Record<string, unknown>,
  { formats: taken, otherwise }: Accepted,
): void {
  if (typeof format !== 'string' || !taken.includes(format)) {
    const near = typeof format === 'string' ? didYouMean(format, taken) : '';
    throw foreign(file, `is a file of format ${show(format)}${near}; ${otherwise}`);
  }
  const known = formats[format];
  if (version === known.version) return;
  const what = format.replace('rankfleet-', '');
  throw foreign(
    file,
    `is a ${what} of version ${show(version)}; this rankfleet reads version ${known.version}: ${known.again}`,
  );
}

/** What a file holds, as it is, once its schema accepts it. @throws InputError with the position of every problem */
export function parsed<Schema extends z.ZodType>(
  file: string,
  value: unknown,
  schema: Schema,
): z.infer<Schema> {
  if (schema.safeParse(value).success) return value as z.infer<Schema>;
  // Parsed once more, slowly, to say where.
  return validate(positioned(file, value), schema);
}

/** A document of a size that is read with its positions, else without. */
function positioned(file: string, value: unknown): SourceDocument {
  if (fileSize(file) <= maxDocumentBytes) return readDocument(file);
  return {
    file,
    value,
    problemAt: (path, message) => ({ file, path: formatPath(path), message }),
  };
}

/** What a file in JSON holds; undefined where it is none, as a scenario in YAML. */
export function jsonIn(file: string): Record<string, unknown> | undefined {
  const text = readTextFile(file, maxAnswerBytes);
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    const isOurs = [...Object.keys(formats), bundleFormat].some((format) => text.includes(`"${format}"`));
    if (isOurs || /(result|plan|comparison)\.json$/.test(file)) {
      throw foreign(file, 'is not whole JSON: was it cut short?');
    }
    return undefined;
  }
}

function looksLikeAnswer(value: Record<string, unknown>): boolean {
  return 'fingerprint' in value || ('arms' in value && 'scenario' in value) || 'pairs' in value;
}

function nameOf(value: Record<string, unknown>): string {
  if ('pairs' in value) return 'rankfleet-comparison';
  return 'alternatives' in value ? 'rankfleet-plan' : 'rankfleet-result';
}
