import { formatTime } from '../../../foundation/units.ts';
import type { SweepResult } from '../../../sim/sweep-result.ts';
import { timeUnit } from '../../numbers.ts';
import { comparedLines } from '../compared-lines.ts';
import { evidenceBars } from '../evidence-lines.ts';
import { independentPair } from '../independent-pair.ts';
import { percentileBars } from '../percentile-bars.ts';
import { perMillion, shareOfOne, short } from '../short-numbers.ts';
import { rowStatus } from '../status.ts';
import { always, never, type Sort, type SubjectView } from '../subject-view.ts';
import { sections } from '../table.ts';
import type { Tools } from '../tools.ts';
import { Scatter } from './scatter.ts';
import { sweepFigures } from './sweep-figures.ts';
import { sweepFleetLines, sweepOverviewLines } from './sweep-lines.ts';
import { rowName, type SweepRow } from './sweep-row.ts';

/** Rows that decide the unit of a column. */
const sampled = 500;

/** A sweep: one item for each arm of each finished point. */
export function sweepView(sweep: SweepResult, tools: Tools): SubjectView {
  const { points, judged, money, sla } = sweep;
  const rows = points.flatMap((point) => point.rows.map((row): SweepRow => ({ point, row })));
  const unit = timeUnit(rows.slice(0, sampled).map(({ row }) => row.latencyS?.[judged].mean ?? 0));
  const latencyS = ({ row }: SweepRow) => row.latencyS?.[judged].mean;
  const noFigures = (index: number) =>
    rows[index].row.latencyS ? undefined : `no figures: ${rows[index].row.verdict}, see Overview`;
  const summary = once(() => tools.summariseSweep(sweep));
  const scatter = once(() => new Scatter(sweep, rows));
  return {
    title: `sweep ${sweep.name}`,
    goal: [
      sla ? `${sla.percentile} ≤ ${formatTime(sla.limitS)}` : `by ${judged}`,
      ...(money === 'usdPerHour' ? [] : [perMillion]),
    ].join('; '),
    what: 'row',
    size: rows.length,
    start: 0,
    baseline: 0,
    hasLongNames: true,
    figureTitles: [`${judged} ${unit.name}`, money === 'usdPerHour' ? 'USD/h' : 'USD/M', 'ρ'],
    key: (index) => `${rows[index].point.index} ${rows[index].row.arm}`,
    item: (index) => {
      const { row } = rows[index];
      const timeS = latencyS(rows[index]);
      return {
        name: rowName(rows[index]),
        status: rowStatus(row),
        figures: [
          short(timeS && timeS * unit.perS, 4),
          short(row[money]),
          shareOfOne(row.busiest?.utilisation.mean),
        ],
      };
    },
    searchText: (index) => `${rowName(rows[index])} ${rowStatus(rows[index].row).word}`.toLowerCase(),
    sorts: [
      { title: judged, of: (index) => latencyS(rows[index]) },
      { title: 'price', of: (index) => rows[index].row[money] },
      { title: 'ρ', of: (index) => rows[index].row.busiest?.utilisation.mean },
      { title: 'power', of: (index) => rows[index].row.powerW },
      ...fieldSorts(sweep, rows),
    ],
    tabs: {
      overview: always(({ index, width }) => sweepOverviewLines(sweep, rows[index], summary(), width)),
      latency: {
        missing: noFigures,
        lines: ({ index, width }) =>
          sections(width, [
            `Percentiles${sla ? ` (│ SLA: ${sla.percentile} ≤ ${formatTime(sla.limitS)})` : ''}`,
            percentileBars(rows[index].row.latencyS!, { limit: sla, width }),
          ]),
      },
      breakdown: never('a sweep keeps no latency breakdown: rankfleet simulate does'),
      shards: never('a sweep keeps no shards: rankfleet simulate does'),
      fleet: always(({ index, width }) => {
        const drawn = scatter().lines(rows[index].row, summary(), width);
        return sweepFleetLines(sweep, rows[index], drawn, width);
      }),
      evidence: {
        missing: (index) =>
          rows[index].row.evidence ? undefined : (noFigures(index) ?? 'this row keeps no evidence'),
        lines: ({ index, width }) =>
          sections(width, [
            'Share of a typical latency by its weakest input',
            evidenceBars([{ name: 'typical request', shares: rows[index].row.evidence! }], width),
          ]),
      },
      compare: {
        missing: (index) => (rows.length < 2 ? 'there is no other row' : noFigures(index)),
        lines: ({ index, other, width }) => {
          const side = (at: number) => ({
            name: rowName(rows[at]),
            value: rows[at].row,
            unsteady: rows[at].row.verdict === 'SATURATED' ? rows[at].row.reason : undefined,
          });
          return comparedLines(
            independentPair(sweepFigures, side(other), side(index), tools),
            undefined,
            width,
          );
        },
      },
    },
  };
}

/** Orders by the swept fields: by number where all values are of one unit. */
function fieldSorts({ fields }: SweepResult, rows: readonly SweepRow[]): Sort[] {
  return fields.map(({ field, type, unit }, position) => ({
    title: field,
    of: (index) => {
      const value = rows[index].point.values[position];
      const isAmount = type !== 'VARCHAR' && (unit === undefined || String(value).endsWith(unit));
      const amount = Number.parseFloat(String(value));
      return !isAmount ? String(value) : Number.isNaN(amount) ? undefined : amount;
    },
  }));
}

function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
