import { counted } from '../../../foundation/counted.ts';
import { formatTime, significant } from '../../../foundation/units.ts';
import type { ArmRow, SweepResult } from '../../../sim/sweep-result.ts';
import { plusMinus, timeUnit } from '../../numbers.ts';
import { bar } from '../bars.ts';
import { faint, type Line, strong } from '../line.ts';
import { rowStatus, statusSpan } from '../status.ts';
import { type Fact, facts, paragraph, sections, table } from '../table.ts';
import { pad } from '../text-width.ts';
import type { SweepSummary } from '../tools.ts';
import type { SweepRow } from './sweep-row.ts';

const moneyTitles = { usdPerHour: 'USD/h', usdPerMillionRequests: 'USD/M requests' } as const;

/** What the sweep shows so far, one row of it, and the rows that no other beats. */
export function sweepOverviewLines(
  sweep: SweepResult,
  { point, row }: SweepRow,
  summary: SweepSummary,
  width: number,
): Line[] {
  return [
    ...paragraph(sweepInWords(sweep, summary), width),
    [''],
    [strong(`Point ${point.index}`), ` ${row.arm}  `, statusSpan(rowStatus(row))],
    ...paragraph(row.reason, width),
    ...(row.dominated
      ? paragraph('Dominated within its point, and stopped after a pilot.', width, 'doubtful')
      : []),
    ...facts(
      sweep.fields.map(({ field }, position) => [field, String(point.values[position])]),
      width,
    ),
    ...facts(figureFacts(sweep, row), width),
    [''],
    ...sections(
      width,
      ['Rows by verdict', verdictBars(summary, width)],
      [
        `Pareto frontier: none is both cheaper and faster (${sweep.judged})`,
        frontierTable(sweep, summary, width),
      ],
    ),
  ];
}

/** The answer in two sentences. */
export function sweepInWords(
  { points, total, method, fields }: SweepResult,
  { rows, feasible, hasSla }: SweepSummary,
): string {
  const some =
    points.length < total ? `${points.length} of ${counted(total, 'point')}` : counted(total, 'point');
  const goal = hasSla
    ? `surely ${feasible === 1 ? 'meets' : 'meet'} the SLA`
    : `${feasible === 1 ? 'is' : 'are'} not saturated (no SLA is stated)`;
  return (
    `${some} (${method}) of ${fields.map(({ field }) => field).join(', ')}. ` +
    `${feasible} of ${counted(rows, 'row')} ${goal}.`
  );
}

function figureFacts({ judged, sla }: SweepResult, row: ArmRow): Fact[] {
  const { latencyS, busiest, usdPerHour, usdPerMillionRequests, powerW, replications } = row;
  const unit = timeUnit([latencyS?.[judged].mean ?? 0]);
  const limit = sla ? `, ${sla.percentile} ≤ ${formatTime(sla.limitS)}: ${row.slaMet ?? 'unknown'}` : '';
  return [
    ...(latencyS
      ? [[judged, `${plusMinus(latencyS[judged], unit.perS)} ${unit.name}${limit}`] as const]
      : []),
    ...(busiest ? [['ρ', `${busiest.utilisation.mean.toFixed(2)}, ${busiest.where}`] as const] : []),
    ...(usdPerHour === undefined ? [] : [['price', `${significant(usdPerHour)} USD/h`] as const]),
    ...(usdPerMillionRequests === undefined
      ? []
      : [['', `${significant(usdPerMillionRequests)} USD per million requests`] as const]),
    ...(powerW === undefined ? [] : [['power', `${significant(powerW)} W`] as const]),
    ['replications', String(replications)],
  ];
}

function verdictBars({ verdicts, rows }: SweepSummary, width: number): Line[] {
  const counts = Object.entries(verdicts).sort(([, a], [, b]) => b - a);
  const nameWidth = Math.max(0, ...counts.map(([verdict]) => verdict.length));
  const countWidth = String(rows).length;
  const barWidth = Math.max(4, width - nameWidth - countWidth - 4);
  return counts.map(([verdict, count]) => [
    pad(verdict, nameWidth),
    '  ',
    { text: pad(bar(count, rows, barWidth), barWidth), tone: 'accent' },
    `  ${String(count).padStart(countWidth)}`,
  ]);
}

/** Most rows of the frontier that are listed. */
const mostListed = 20;

function frontierTable(
  { judged, money, fields }: SweepResult,
  { frontier }: SweepSummary,
  width: number,
): Line[] {
  if (frontier.length === 0) return [['no row is feasible']];
  const shown = spread(frontier);
  const unit = timeUnit(shown.map(({ row }) => row.latencyS?.[judged].mean ?? 0));
  const lines = table(
    [
      { title: 'point', align: 'left' },
      { title: moneyTitles[money] },
      { title: `${judged} ${unit.name}` },
      { title: 'ρ' },
      { title: 'arm', align: 'left' },
      ...fields.map(({ field }) => ({ title: field, align: 'left' as const, optional: true })),
    ],
    shown.map(({ point, values, row }) => [
      `#${point}`,
      row[money] === undefined ? '–' : significant(row[money]),
      row.latencyS ? plusMinus(row.latencyS[judged], unit.perS) : '–',
      row.busiest ? row.busiest.utilisation.mean.toFixed(2) : '–',
      row.arm,
      ...values.map(String),
    ]),
    width,
  );
  return shown.length < frontier.length
    ? [...lines, [faint(`${shown.length} of ${frontier.length}, from the cheapest to the fastest`)]]
    : lines;
}

/** All of a short frontier; of a long one its ends and some between. */
function spread<Value>(frontier: readonly Value[]): Value[] {
  if (frontier.length <= mostListed) return [...frontier];
  const step = (frontier.length - 1) / (mostListed - 1);
  return Array.from({ length: mostListed }, (_, index) => frontier[Math.round(index * step)]);
}

/** Hosts and money of one row, and where it lies among all rows in money and latency. */
export function sweepFleetLines(
  { judged, money, sla }: SweepResult,
  { row }: SweepRow,
  scatter: readonly Line[],
  width: number,
): Line[] {
  return sections(
    width,
    ['Hosts', facts(hostFacts(row), width)],
    [
      `${judged} over ${moneyTitles[money]}: · rows, ◆ Pareto frontier, ● the selected row${sla ? ', ─ SLA' : ''}`,
      scatter,
    ],
  );
}

function hostFacts({ mainHosts, sparseHosts, usdPerHour, powerW, busiest }: ArmRow): Fact[] {
  return [
    ...(mainHosts === undefined ? [] : [['main hosts', String(mainHosts)] as const]),
    ...(sparseHosts === undefined ? [] : [['sparse hosts', String(sparseHosts)] as const]),
    ...(usdPerHour === undefined ? [] : [['price', `${significant(usdPerHour)} USD/h`] as const]),
    ...(powerW === undefined ? [] : [['power', `${significant(powerW / 1e3)} kW`] as const]),
    ...(busiest
      ? [['bottleneck', `${busiest.where}, ρ ${busiest.utilisation.mean.toFixed(2)}`] as const]
      : []),
  ];
}
