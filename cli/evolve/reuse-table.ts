import type { PolicyComparison } from '../../evolve/replay/compare-policies.ts';
import { formatPercent, significant } from '../../foundation/units.ts';
import { foldedTable } from '../../reports/text-table.ts';
import { medianInWords } from './policy-table.ts';

/** A policy at one rate of reuse. */
export interface ReuseComparison extends PolicyComparison {
  /** Share of the expansions that were shown kernels of earlier searches. */
  reuse: number;
}

/** What reuse does to each policy, in the columns of the published ablation: a row for each rate. */
export function reuseTable(compared: readonly ReuseComparison[], target: number): string {
  const columns = [
    { title: 'policy, reuse', align: 'left' as const },
    { title: 'failed nodes' },
    { title: 'right ones ≥ 1×' },
    { title: `reached ${significant(target)}×` },
    { title: `steps to ${significant(target)}×` },
    { title: 'best' },
    { title: 'of the optimum' },
    { title: 'strategies' },
  ];
  const rows = compared.map((one) => [
    `${one.policy}, ${one.reuse}`,
    shareInWords(one.buggyRate),
    one.meetsReference ? shareInWords(one.meetsReference) : 'none is right',
    `${one.reached}/${one.seeds}`,
    medianInWords(one.stepsToTarget, 0),
    medianInWords(one.best),
    shareInWords(one.shareOfOptimum),
    meanInWords(one.strategies, significant),
  ]);
  return foldedTable(columns, rows);
}

/** The interval of a mean may leave what a share can be. */
function shareInWords(share: PolicyComparison['buggyRate']): string {
  return meanInWords(share, (value) => formatPercent(Math.min(1, Math.max(0, value))));
}

function meanInWords(
  { mean, low, high }: PolicyComparison['buggyRate'],
  words: (value: number) => string,
): string {
  return low === undefined || high === undefined
    ? words(mean)
    : `${words(mean)} (${words(low)} … ${words(high)})`;
}
