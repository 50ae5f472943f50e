import { significant } from '../foundation/units.ts';
import { plusMinus, timeUnit } from '../reports/numbers.ts';
import { type Column, foldedTable, wrap } from '../reports/text-table.ts';
import { counted } from '../sweep/counted.ts';
import type { Format, Manifest } from '../sweep/folder.ts';
import type { Pick as Picked, Summary } from '../sweep/summary.ts';

export interface SweepAnswer {
  folder: string;
  /** File of the results. */
  results: string;
  format: Format;
  manifest: Manifest;
  summary: Summary;
}

/** What a sweep is called and what it varies; the points of all of it, where they may be more than are there. */
type Head = Pick<Manifest, 'name' | 'method' | 'fields'> & { total?: number };

const width = 100;

/** Most rows of the frontier that are shown. */
const maxShown = 12;

/** What a finished sweep shows, and where the rest is. */
export function sweepReport({ folder, results, manifest, summary }: SweepAnswer): string {
  return `${sweepText(manifest, summary)}\nResults: ${results}\n${howToQuery(folder, summary)}\n`;
}

/** What the finished points of a sweep show. */
export function sweepText(head: Head, summary: Summary): string {
  const paragraphs = [
    wrap(sweepInWords(head, summary), width),
    ...summary.examples.map(({ verdict, reason, point }) =>
      wrap(`${verdict}, as point ${point}: ${reason}`, width),
    ),
    ...(summary.frontier.length > 0 ? [frontierTable(head, summary)] : []),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

/** The answer in two sentences. */
export function sweepInWords({ name, method, fields, total }: Head, summary: Summary): string {
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

function frontierTable({ fields }: Head, { frontier, judged, money, feasible }: Summary): string {
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

function cells({ point, values, row }: Picked, judged: Summary['judged'], perS: number): string[] {
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
function spread(frontier: readonly Picked[]): Picked[] {
  if (frontier.length <= maxShown) return [...frontier];
  const share = (frontier.length - 1) / (maxShown - 1);
  return Array.from({ length: maxShown }, (_, index) => frontier[Math.round(index * share)]);
}

/** A command that asks on. */
export function howToQuery(folder: string, { hasSla }: Summary): string {
  const goal = hasSla ? "sla_met = 'yes'" : "verdict <> 'SATURATED'";
  return `Ask: rankfleet query ${folder} "SELECT * FROM points WHERE ${goal} ORDER BY usd_per_hour LIMIT 5"`;
}
