import { type Column, textTable, wrap } from '../../reports/text-table.ts';
import type { TwinResult, TwinRow } from '../../sim/training/twin-result.ts';

const left = (title: string): Column => ({ title, align: 'left' });
const pageWidth = 100;

/** Both NEs of every model with their difference, then what both say of the claims. */
export function twinText(result: TwinResult): string {
  const { name, backend, precision, rows, rule, seeds, claims } = result;
  const change = changeText(backend.initialParameters === 'shared' ? 'ppm' : '%');
  const columns = [
    ...['model', 'vertical', 'task'].map(left),
    ...['teacher', 'stale', 'NE here', 'NE PyTorch', 'change', 'seed noise'].map((title) => ({ title })),
    left(''),
  ];
  const table = rows.map((row) => [
    row.model,
    row.vertical ?? 'all',
    row.task,
    row.teacherSize === undefined ? '' : `×${row.teacherSize}`,
    row.stalenessDays === undefined ? '' : `${row.stalenessDays} d`,
    row.ours.mean.toFixed(4),
    row.its.mean.toFixed(4),
    `${change.of(row.change.mean)} ${change.unit}${boundsOf(row, change.of)}`,
    row.seedNoise === undefined ? '' : `±${(100 * row.seedNoise).toFixed(2)} %`,
    row.verdict,
  ]);
  const claimRows = claims.map(({ id, ours, its, statement }) => [`(${id})`, ours, its, statement]);
  return [
    wrap(
      `${name}: every model trained by rankfleet’s own learner and by ${backend.framework} on ${backend.device} in ${precision}, with ${seeds === 1 ? 'one seed' : `${seeds} seeds`}; ${rule}.`,
      pageWidth,
    ),
    textTable(columns, table),
    `${verdictsOf(rows)}; largest change of a seed: ${change.size(largestChange(rows))}`,
    ...hintOf(result),
    textTable([left('claim'), left('here'), left('PyTorch'), left('statement')], claimRows),
    '',
  ].join('\n\n');
}

/** Rounding changes so little that it is told in parts per million. */
function changeText(unit: 'ppm' | '%') {
  const text = (value: number) => {
    const digits = ((unit === 'ppm' ? 1e6 : 100) * value).toFixed(2);
    return Number(digits) === 0 ? '0.00' : digits.replace('-', '−');
  };
  return {
    unit,
    of: (value: number) => (text(value) !== '0.00' && value > 0 ? `+${text(value)}` : text(value)),
    size: (value: number) => `${text(value)} ${unit}`,
  };
}

/** How to tell rounding from what is not. */
function hintOf({ rows, backend, precision }: TwinResult): string[] {
  const differs = rows.some(({ verdict }) => verdict === 'differs');
  const isOpen = differs && backend.initialParameters === 'shared' && precision === 'float32';
  return isOpen ? ['With --precision float64 rounding is next to nothing: what then differs, does.'] : [];
}

function boundsOf({ change: { low, high } }: TwinRow, text: (value: number) => string): string {
  return low === undefined || high === undefined ? '' : ` [${text(low)}, ${text(high)}]`;
}

function verdictsOf(rows: readonly TwinRow[]): string {
  const count = (verdict: string) => rows.filter((row) => row.verdict === verdict).length;
  const others = (['differs', 'open'] as const).filter((verdict) => count(verdict) > 0);
  const said = { differs: 'differ', open: 'open with a single seed' };
  const more = others.map((verdict) => `, ${count(verdict)} ${said[verdict]}`).join('');
  return `${count('agrees')} of ${rows.length} agree${more}`;
}

function largestChange(rows: readonly TwinRow[]): number {
  return Math.max(...rows.flatMap(({ change }) => change.perSeed.map(Math.abs)));
}
