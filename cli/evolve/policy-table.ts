import type { PolicyComparison } from '../../evolve/replay/compare-policies.ts';
import { formatPercent, significant } from '../../foundation/units.ts';
import { foldedTable } from '../../reports/text-table.ts';

/** Policies side by side, a row each. */
export function policyTable(compared: readonly PolicyComparison[], target: number): string {
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
    medianInWords(one.stepsToTarget, 0),
    medianInWords(one.best),
    formatPercent(one.shareOfOptimum.mean),
    formatPercent(one.buggyRate.mean),
    ...one.bestAfter.map(({ best }) => medianInWords(best)),
  ]);
  return foldedTable(columns, rows);
}

/** `12 (9 … 21)`, or `12` of too few seeds for an interval; `never` for what was not reached. */
export function medianInWords({ median, low, high }: PolicyComparison['best'], decimals?: number): string {
  const one = (value: number) => {
    if (!Number.isFinite(value)) return 'never';
    return decimals === undefined ? significant(value) : value.toFixed(decimals);
  };
  if (low === undefined || high === undefined) return one(median);
  return `${one(median)} (${one(low)} … ${one(high)})`;
}
