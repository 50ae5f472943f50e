import { counted } from '../foundation/counted.ts';
import { significant } from '../foundation/units.ts';
import type { Pick, Summary } from '../sim/summary-of-sweep-result.ts';
import type { SweepResult } from '../sim/sweep-result.ts';
import { plusMinus, timeUnit } from './numbers.ts';
import { type Column, foldedTable, wrap } from './text-table.ts';

/** What a report says of a sweep beside what it found; the points of all of it, where they may be more than are there. */
export type SweepHead = globalThis.Pick<SweepResult, 'name' | 'method' | 'fields'> & { total?: number };

const width = 100;

/** Most rows of the frontier that are shown. */
const maxShown = 12;

/** What a sweep shows. @param closing paragraphs below it: where the rest is */
export function sweepReport(sweep: SweepHead, summary: Summary, closing: readonly string[]): string {
  const paragraphs = [
    wrap(sweepInWords(sweep, summary), width),
    ...examplesInWords(summary).map((text) => wrap(text, width)),
    ...(summary.frontier.length > 0 ? [frontierTable(sweep, summary)] : []),
    ...closing,
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

/** How many points and rows there are, and how many of them are feasible. */
export function sweepInWords({ name, method, fields, total }: SweepHead, summary: Summary): string {
  const { points, rows, verdicts, dominated, feasible, hasSla } = summary;
  const states = Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`);
  const stopped =
    dominated > 0 ? `; ${dominated} of them dominated within their point and stopped after a pilot` : '';
  const some =
    total !== undefined && total > points
      ? `${points} of ${counted(total, 'point')}`
      : counted(points, 'point');
  const isOne = feasible === 1;
  const goal = hasSla
    ? `surely ${isOne ? 'meets' : 'meet'} the SLA`
    : `${isOne ? 'is' : 'are'} not saturated (no SLA is stated)`;
  return (
    `${name}: ${some} (${method}) of ${fields.map(({ field }) => field).join(', ')}; ` +
    `${counted(rows, 'row')}, one for each arm: ${states.join(', ')}${stopped}. ${counted(feasible, 'row')} ${goal}.`
  );
}

/** A sentence on a sweep that is not finished; none on a whole one. */
export function missingInWords({ points, total }: SweepResult): string[] {
  const missing = total - points.length;
  const lack = missing === 1 ? 'is' : 'are';
  return missing > 0
    ? [`${counted(missing, 'point')} of ${total} ${lack} missing: the sweep is not finished.`]
    : [];
}

/** Why rows have no figures. */
export function examplesInWords({ examples }: Summary): string[] {
  return examples.map(({ verdict, reason, point }) => `${verdict}, as point ${point}: ${reason}`);
}

function frontierTable({ fields }: SweepHead, { frontier, judged, money, feasible }: Summary): string {
  const shown = spread(frontier);
  const latencies = shown.map(({ row }) => row.latencyS?.[judged].mean ?? 0);
  const unit = timeUnit(latencies);
  const columns: Column[] = [
    { title: 'point' },
    ...fields.map(({ field }): Column => ({ title: field, align: 'left' })),
    { title: 'arm', align: 'left' },
    { title: `${judged} ${unit.name}` },
    { title: 'ρ' },
    { title: 'USD/h' },
    { title: 'USD/M requests' },
    { title: 'power W' },
  ];
  const what = money === 'usdPerHour' ? 'USD/h' : 'USD per million requests';
  const count = frontier.length > shown.length ? `, ${shown.length} of them here` : '';
  const title =
    `Pareto frontier: ${frontier.length} of ${counted(feasible, 'row')} ${frontier.length === 1 ? 'is' : 'are'} such that none is both cheaper (${what}) and ` +
    `faster (${judged})${count}, from the cheapest to the fastest`;
  return `${wrap(title, width)}\n${foldedTable(
    columns,
    shown.map((pick) => cells(pick, judged, unit.perS)),
  )}`;
}

function cells({ point, values, row }: Pick, judged: Summary['judged'], perS: number): string[] {
  const amount = (value: number | undefined) => (value === undefined ? '–' : significant(value));
  return [
    String(point),
    ...values.map(String),
    row.arm,
    row.latencyS ? plusMinus(row.latencyS[judged], perS) : '–',
    row.busiest ? row.busiest.utilisation.mean.toFixed(2) : '–',
    amount(row.usdPerHour),
    amount(row.usdPerMillionRequests),
    amount(row.powerW),
  ];
}

/** All of a short frontier; of a long one its ends and some between. */
function spread(frontier: readonly Pick[]): Pick[] {
  if (frontier.length <= maxShown) return [...frontier];
  const share = (frontier.length - 1) / (maxShown - 1);
  return Array.from({ length: maxShown }, (_, index) => frontier[Math.round(index * share)]);
}
