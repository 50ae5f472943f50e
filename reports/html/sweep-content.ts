import { counted } from '../../foundation/counted.ts';
import { evidenceLevels } from '../../foundation/evidence.ts';
import { formatTime, significant } from '../../foundation/units.ts';
import { type Pick, type Summary, summaryOf } from '../../sim/summary-of-sweep-result.ts';
import type { ArmRow, SweepResult } from '../../sim/sweep-result.ts';
import { examplesInWords, missingInWords, sweepInWords } from '../sweep-report.ts';
import type { Content, KeyFigure, Section } from './content.ts';
import { type ByEvidence, evidenceTable, inPercent } from './evidence-section.ts';
import { argument } from './shell-argument.ts';
import { rowsTable } from './sweep-tables.ts';

/** Most rows that the page lists. */
const mostRows = 200;

/** What a page says of a sweep. @param source the folder that it came from */
export function sweepContent(sweep: SweepResult, source: string): Content {
  const { name, points, total } = sweep;
  const summary = summaryOf(sweep);
  return {
    kind: 'sweep',
    question: `What does the sweep ${name} find?`,
    answer: [
      [...missingInWords(sweep), answerInWords(sweep, summary)].join(' '),
      sweepInWords(sweep, summary),
    ],
    figures: keyFigures(sweep, summary),
    sections: [frontierSection(sweep, summary), rowsSection(sweep, summary, source)],
    evidence: evidence(sweep),
    defaults: [],
    fingerprint: [
      ['sweep', name],
      ['method', sweep.method],
      ['points', `${points.length} of ${total}`],
      ['simulated by', sweep.product],
      ['key of the sweep', sweep.key],
    ],
    reproduce: {
      commands: [`rankfleet sweep ${argument(name)}${optionsOf(sweep)}`],
      note:
        `${name} stands for the file of the scenario, unless it is one of the library; the seed is that of the file, ` +
        'unless the sweep was given another with --seed. The same key means the same rows, byte for byte.',
    },
  };
}

/** What the sweep may have been given on the command line. */
function optionsOf({ method, total, points }: SweepResult): string {
  const most = points.flatMap(({ rows }) => rows).reduce((sum, row) => Math.max(sum, row.replications), 0);
  // The points of a grid follow from its axes.
  const size = method === 'grid' ? '' : ` --points ${total}`;
  return `${size}${most > 0 ? ` --replications ${most}` : ''}`;
}

const moneyNames = { usdPerHour: 'USD/h', usdPerMillionRequests: 'USD per million requests' } as const;

function answerInWords({ sla, fields, judged, money }: SweepResult, summary: Summary): string {
  const { cheapest, fastest, hasSla, rows } = summary;
  const limit = sla ? `${sla.percentile} ≤ ${formatTime(sla.limitS)}` : 'the SLA';
  if (!cheapest || !fastest) {
    return `None of ${counted(rows, 'row')} ${hasSla ? `surely meets ${limit}` : 'has figures and is not saturated'}.`;
  }
  const price = ({ row }: Pick) => `${significant(row[money] ?? Number.NaN)} ${moneyNames[money]}`;
  const latency = ({ row }: Pick) => `${judged} ${formatTime(row.latencyS![judged].mean)}`;
  const settings = cheapest.values.map((value, index) => `${fields[index].field} ${value}`).join(', ');
  const goal = hasSla ? `surely meets ${limit}` : 'is not saturated';
  const first = `The cheapest that ${goal} is ${cheapest.row.arm} at point ${cheapest.point} (${settings}): ${price(cheapest)}, ${latency(cheapest)}.`;
  if (fastest === cheapest) return `${first} None is faster.`;
  return `${first} The fastest is ${fastest.row.arm} at point ${fastest.point}: ${price(fastest)}, ${latency(fastest)}.`;
}

function keyFigures({ judged, money, total }: SweepResult, summary: Summary): KeyFigure[] {
  const { points, rows, feasible, hasSla, cheapest, fastest, frontier } = summary;
  const at = ({ point, row }: Pick) => `point ${point}, ${row.arm}`;
  const [latency, unit] = fastest ? formatTime(fastest.row.latencyS![judged].mean).split(' ') : [];
  return [
    {
      label: 'Points',
      value: String(points),
      ...(points < total && { unit: `of ${total}` }),
      note: counted(rows, 'row'),
    },
    {
      label: hasSla ? 'Rows that surely meet the SLA' : 'Rows that are not saturated',
      value: String(feasible),
      unit: `of ${rows}`,
    },
    ...(cheapest
      ? [
          {
            label: 'Cheapest of these',
            value: significant(cheapest.row[money] ?? Number.NaN),
            unit: moneyNames[money],
            note: at(cheapest),
          },
        ]
      : []),
    ...(fastest && latency !== undefined && unit !== undefined
      ? [{ label: `Lowest ${judged} of these`, value: latency, unit, note: at(fastest) }]
      : []),
    { label: 'On the Pareto frontier', value: String(frontier.length), unit: `of ${feasible}` },
  ];
}

function frontierSection(sweep: SweepResult, { frontier, feasible, hasSla, judged }: Summary): Section {
  const among = hasSla ? 'surely meet the SLA' : 'are not saturated';
  return {
    id: 'frontier',
    title: 'The Pareto frontier',
    paragraphs: [
      `Of ${counted(feasible, 'row')} that ${among}, these are such that none other is both cheaper ` +
        `(${moneyNames[sweep.money]}) and faster (${judged}); from the cheapest to the fastest.`,
    ],
    tables: frontier.length > 0 ? [rowsTable('Frontier of money and latency', sweep, frontier)] : [],
  };
}

function rowsSection(sweep: SweepResult, summary: Summary, source: string): Section {
  const { points } = sweep;
  const picks = points.flatMap(({ index, values, rows }) =>
    rows.map((row): Ranked => ({ point: index, values, row, rank: rankOf(row, sweep, summary) })),
  );
  const shown = picks.sort(byRank).slice(0, mostRows);
  const which =
    shown.length < picks.length
      ? `The first ${shown.length} of ${picks.length} rows: those that ${summary.hasSla ? 'surely meet the SLA' : 'are not saturated'} before others, from the cheapest on`
      : 'All rows, one for each arm of each point';
  return {
    id: 'points',
    title: 'The points',
    paragraphs: [`With all digits: rankfleet report ${argument(source)} --csv points.csv`],
    points: examplesInWords(summary),
    tables: [rowsTable(which, sweep, shown)],
  };
}

/** A row with what decides its place: whether it is feasible, its price, its latency. */
interface Ranked extends Pick {
  rank: [group: number, price: number, latencyS: number];
}

function rankOf(row: ArmRow, { judged, money }: SweepResult, { hasSla }: Summary): Ranked['rank'] {
  const { slaMet, verdict, latencyS } = row;
  const isFeasible = hasSla ? slaMet === 'yes' : verdict !== 'SATURATED';
  const last = Number.MAX_VALUE;
  return [!latencyS ? 2 : isFeasible ? 0 : 1, row[money] ?? last, latencyS?.[judged].mean ?? last];
}

function byRank({ rank: a }: Ranked, { rank: b }: Ranked): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

function evidence({ points }: SweepResult): Section {
  const arms = new Map<string, { rows: number; shares: ByEvidence }>();
  for (const { arm, evidence: shares } of points.flatMap(({ rows }) => rows)) {
    if (!shares) continue;
    const sum = arms.get(arm) ?? { rows: 0, shares: {} };
    arms.set(arm, sum);
    sum.rows++;
    for (const level of evidenceLevels) sum.shares[level] = (sum.shares[level] ?? 0) + (shares[level] ?? 0);
  }
  const means = [...arms.values()].map(({ rows, shares }) =>
    Object.fromEntries(Object.entries(shares).map(([level, share]) => [level, share / rows])),
  );
  const table = evidenceTable(
    'Share of a typical latency by its weakest input, by evidence; mean over the points',
    'arm',
    [...arms.keys()],
    [{ title: 'typical request, %', format: inPercent, values: means }],
  );
  return { id: 'evidence', title: 'What it rests on', tables: arms.size > 0 ? [table] : [] };
}
