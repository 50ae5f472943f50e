import { type PolicyName, policyNames, policyOf } from '../../evolve/policies/by-name.ts';
import { comparePolicies, optimumOf, type PolicyComparison } from '../../evolve/replay/compare-policies.ts';
import { readSpace } from '../../evolve/replay/space.ts';
import { formatPercent, significant } from '../../foundation/units.ts';
import { foldedTable } from '../../reports/text-table.ts';
import { exitCodes } from '../exit-codes.ts';
import { usualTarget } from './search-data.ts';

export interface ComparePoliciesOptions {
  policy: string[];
  seeds: number;
  steps: number;
  drafts: number;
  target?: number;
  json?: boolean;
}

/** `rankfleet evolve compare-policies`: policies on a space that was timed to the end, without a device. */
export async function comparePoliciesOn(
  file: string,
  { policy, seeds, steps, drafts, target = usualTarget, json = false }: ComparePoliciesOptions,
): Promise<number> {
  const space = readSpace(file);
  const names = policy.length > 0 ? policy : policyNames;
  for (const name of names) policyOf(name);
  const makers = names.map((name) => () => policyOf(name as PolicyName, { drafts }));
  const all = Array.from({ length: seeds }, (_, index) => index + 1);
  const checkpoints = [10, 20, 50, 100, 200].filter((count) => count <= steps);
  const compared = await comparePolicies(space, makers, all, { steps, target, checkpoints });
  const heading = `${space.kernel_name} on ${space.device_name}: ${Object.keys(space.cache).length} kernels, the best ${significant(optimumOf(space))}× as fast as ${space.reference.name}; ${steps} steps, ${seeds} seeds each. Medians with 95 % intervals.`;
  process.stdout.write(
    json ? `${JSON.stringify(compared, null, 2)}\n` : `${heading}\n\n${table(compared, target)}\n`,
  );
  return exitCodes.answered;
}

function table(compared: readonly PolicyComparison[], target: number): string {
  const columns = [
    { title: 'policy', align: 'left' as const },
    { title: `reached ${significant(target)}×` },
    { title: 'steps to it' },
    { title: 'best' },
    { title: 'of the optimum' },
    { title: 'failed' },
    ...compared[0].bestAfter.map(({ evaluations }) => ({ title: `best after ${evaluations}` })),
  ];
  const rows = compared.map((one) => [
    one.policy,
    `${one.reached}/${one.seeds}`,
    inWords(one.stepsToTarget, 0),
    inWords(one.best),
    formatPercent(one.shareOfOptimum.mean),
    formatPercent(one.buggyRate.mean),
    ...one.bestAfter.map(({ best }) => inWords(best)),
  ]);
  return foldedTable(columns, rows);
}

function inWords({ median, low, high }: PolicyComparison['best'], decimals?: number): string {
  const one = (value: number | undefined) => {
    if (value === undefined) return '?';
    if (!Number.isFinite(value)) return 'never';
    return decimals === undefined ? significant(value) : value.toFixed(decimals);
  };
  return `${one(median)} (${one(low)} … ${one(high)})`;
}
