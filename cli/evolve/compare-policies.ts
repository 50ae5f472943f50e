import { existsSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { PastKernel } from '../../evolve/expansion.ts';
import { type PolicyName, policyNames, policyOf } from '../../evolve/policies/by-name.ts';
import { comparePolicies, optimumOf } from '../../evolve/replay/compare-policies.ts';
import { type Past, pastKernelsFor } from '../../evolve/replay/past-of-space.ts';
import { readSpace, type TimedSpace } from '../../evolve/replay/space.ts';
import { InputError } from '../../foundation/problem.ts';
import { significant } from '../../foundation/units.ts';
import { wrap } from '../../reports/text-table.ts';
import { exitCodes } from '../exit-codes.ts';
import { policyTable } from './policy-table.ts';
import { type ReuseComparison, reuseTable } from './reuse-table.ts';
import { usualTarget } from './search-data.ts';
import { isSearch } from './search-source.ts';
import { searchAt } from './stored-search.ts';

export interface ComparePoliciesOptions {
  policy: string[];
  from: string[];
  reuse?: number[];
  seeds: number;
  steps: number;
  drafts: number;
  target?: number;
  json?: boolean;
}

/** Rates of the published ablation. */
const usualRates = [0, 0.1, 0.5];
const textWidth = 100;
/** The fewest whose order statistics give a median an interval of 95 %. */
const seedsOfMedian = 6;

/**
 * `rankfleet evolve compare-policies`: policies on a space that was timed to the end, without a device; with `--from` each at
 * several rates of reuse.
 */
export async function comparePoliciesOn(file: string, options: ComparePoliciesOptions): Promise<number> {
  const { policy, from, reuse, seeds, steps, drafts, target = usualTarget, json = false } = options;
  const space = readSpace(file);
  const names = policy.length > 0 ? [...new Set(policy)] : policyNames;
  for (const name of names) policyOf(name);
  if (reuse !== undefined && from.length === 0) {
    throw new InputError('--reuse needs --from: an earlier space or search whose kernels are shown');
  }
  if (from.some((path) => existsSync(path) && realpathSync(path) === realpathSync(file))) {
    throw new InputError(
      `--from ${file}: that is the space itself; what it would teach is what is searched for`,
    );
  }
  const past = from.length > 0 ? await pastOf(space, file, from) : undefined;
  const makers = names.map((name) => () => policyOf(name as PolicyName, { drafts }));
  const all = Array.from({ length: seeds }, (_, index) => index + 1);
  const checkpoints = [10, 20, 50, 100, 200].filter((count) => count <= steps);
  const compareAt = (rate: number | undefined) =>
    comparePolicies(space, makers, all, {
      steps,
      target,
      checkpoints,
      ...(past && rate !== undefined && { reuse: { rate, find: () => past } }),
    });
  const heading = headingOf(space, { steps, seeds });
  if (!past) {
    const compared = await compareAt(undefined);
    print(json, compared, () => `${wrap(heading, textWidth)}\n\n${policyTable(compared, target)}`);
    return exitCodes.answered;
  }
  const compared: ReuseComparison[] = [];
  for (const rate of reuse ?? usualRates) {
    compared.push(...(await compareAt(rate)).map((one) => ({ reuse: rate, ...one })));
  }
  compared.sort((a, b) => names.indexOf(a.policy) - names.indexOf(b.policy));
  print(
    json,
    { past: past.map(inJson), compared },
    () => `${wrap(`${heading} ${pastInWords(past)}`, textWidth)}\n\n${reuseTable(compared, target)}`,
  );
  return exitCodes.answered;
}

function print(isJson: boolean, data: object, text: () => string): void {
  process.stdout.write(isJson ? `${JSON.stringify(data, null, 2)}\n` : `${text()}\n`);
}

function headingOf(space: TimedSpace, { steps, seeds }: { steps: number; seeds: number }): string {
  const entries = Object.values(space.cache);
  const failed = entries.filter((entry) => 'failure' in entry).length;
  return `${space.kernel_name} on ${space.device_name}: ${entries.length} settings, ${failed} of which fail, the best ${significant(optimumOf(space))}× as fast as ${space.reference.name}; ${steps} steps, ${seeds} seeds each. Medians and means with 95 % intervals${intervalsInWords(seeds)}.`;
}

/** What is missing where seeds are few. */
function intervalsInWords(seeds: number): string {
  return seeds < seedsOfMedian ? `; that of a median needs ${seedsOfMedian} seeds or more` : '';
}

/** @throws InputError where nothing in the files is of use to the space */
async function pastOf(space: TimedSpace, file: string, from: readonly string[]): Promise<PastKernel[]> {
  const pasts: Past[] = [];
  for (const path of from) {
    const origin = basename(path);
    pasts.push(
      isSearch(path) ? { origin, search: await searchAt(path) } : { origin, space: readSpace(path) },
    );
  }
  for (const past of pasts) {
    if (pastKernelsFor(space, [past]).length > 0) continue;
    throw new InputError(
      `--from ${past.origin}: has no right kernel that ${file} can take over: a like task (0.8 or more by operator, language, data type, device and shapes), with the knobs ${Object.keys(space.tune_params).join(', ')}`,
    );
  }
  return pastKernelsFor(space, pasts);
}

function pastInWords(past: readonly PastKernel[]): string {
  const [{ origin, similarity, attempt }] = past;
  return `Shown where reused: ${past.length} kernels of earlier searches, the first of them ${origin} (${significant(attempt.evaluation.score)}× there, ${significant(similarity)} alike).`;
}

function inJson({ origin, similarity, attempt }: PastKernel) {
  return { origin, similarity, score: attempt.evaluation.score, parameters: attempt.artifact.text };
}
