import type { Percentile } from './result.ts';
import type { ArmRow, FieldValue, PointResult, RowState, SweepResult } from './sweep-result.ts';

/** An arm of a point, as a summary shows it. */
export interface Pick {
  point: number;
  values: FieldValue[];
  row: ArmRow;
}

/** What a sweep found, in a few figures. */
export interface Summary {
  points: number;
  rows: number;
  verdicts: Partial<Record<RowState, number>>;
  dominated: number;
  /** Rows that meet the SLA for sure; without one, those that have figures and are not saturated. */
  feasible: number;
  hasSla: boolean;
  /** Percentile that decides, and by which money arms are compared. */
  judged: Percentile;
  money: 'usdPerHour' | 'usdPerMillionRequests';
  cheapest?: Pick;
  fastest?: Pick;
  /** Feasible rows, less the dominated ones, of which none other is both cheaper and faster, from the cheapest to the fastest. */
  frontier: Pick[];
  /** Why there are no figures, for the rows whose verdict says so: the first of each. */
  examples: { verdict: RowState; reason: string; point: number }[];
}

/** What a sweep that was read shows; its SLA may be one of its fields. */
export function summaryOf({ points, judged, money, sla }: SweepResult): Summary {
  const hasSla = sla !== undefined || points.some(({ rows }) => rows.some(({ slaMet }) => slaMet));
  return summarise(points, { judged, money, hasSla });
}

/** Reads all rows once; memory holds the frontier. */
export function summarise(
  points: Iterable<PointResult>,
  { judged, money, hasSla }: globalThis.Pick<Summary, 'judged' | 'money' | 'hasSla'>,
): Summary {
  const summary: Summary = {
    points: 0,
    rows: 0,
    verdicts: {},
    dominated: 0,
    feasible: 0,
    hasSla,
    judged,
    money,
    frontier: [],
    examples: [],
  };
  const frontier = new Frontier(judged, money);
  for (const { index, values, rows } of points) {
    summary.points++;
    for (const row of rows) {
      summary.rows++;
      count(summary, row, index);
      if (!isFeasible(row, hasSla)) continue;
      summary.feasible++;
      if (!row.dominated) frontier.add({ point: index, values, row });
    }
  }
  summary.frontier = frontier.picks;
  const [cheapest] = summary.frontier;
  const fastest = summary.frontier.at(-1);
  return { ...summary, ...(cheapest && { cheapest }), ...(fastest && { fastest }) };
}

function count(summary: Summary, { verdict, dominated, latencyS, reason }: ArmRow, point: number): void {
  summary.verdicts[verdict] = (summary.verdicts[verdict] ?? 0) + 1;
  if (dominated) summary.dominated++;
  if (latencyS || summary.examples.some((one) => one.verdict === verdict)) return;
  summary.examples.push({ verdict, reason, point });
}

function isFeasible({ latencyS, verdict, slaMet }: ArmRow, hasSla: boolean): boolean {
  if (!latencyS) return false;
  return hasSla ? slaMet === 'yes' : verdict !== 'SATURATED';
}

/** Rows that no other is better than in money and latency, sorted by money. */
class Frontier {
  readonly picks: Pick[] = [];
  private readonly judged: Percentile;
  private readonly money: Summary['money'];

  constructor(judged: Percentile, money: Summary['money']) {
    this.judged = judged;
    this.money = money;
  }

  /** Of rows that are equal in both, the first stays. */
  add(pick: Pick): void {
    const { picks } = this;
    const cost = this.cost(pick);
    const latency = this.latency(pick);
    let at = 0;
    while (at < picks.length && this.cost(picks[at]) <= cost) at++;
    if (at > 0 && this.latency(picks[at - 1]) <= latency) return;
    const isTie = at > 0 && this.cost(picks[at - 1]) === cost;
    let end = at;
    while (end < picks.length && this.latency(picks[end]) >= latency) end++;
    const start = isTie ? at - 1 : at;
    picks.splice(start, end - start, pick);
  }

  private cost({ row }: Pick): number {
    return row[this.money] ?? Number.POSITIVE_INFINITY;
  }

  /** Beyond six digits two latencies differ by rounding only. */
  private latency({ row }: Pick): number {
    return Number((row.latencyS?.[this.judged].mean ?? Number.POSITIVE_INFINITY).toPrecision(6));
  }
}
