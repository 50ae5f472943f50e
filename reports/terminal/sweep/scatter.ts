import type { ArmRow, SweepResult } from '../../../sim/sweep-result.ts';
import { logAxis, plainText, timeText } from '../axes.ts';
import { type Line, strong } from '../line.ts';
import { plot, plotHeight } from '../plot.ts';
import type { SweepSummary } from '../tools.ts';
import type { SweepRow } from './sweep-row.ts';

type Place = readonly [usd: number, latencyS: number];

/** Where all rows lie in money and latency, and one of them among them. */
export class Scatter {
  private readonly sweep: SweepResult;
  private readonly places: readonly Place[];
  private readonly usd: readonly [number, number];
  private readonly latencyS: readonly [number, number];

  /** Looks at all rows, once. */
  constructor(sweep: SweepResult, rows: readonly SweepRow[]) {
    this.sweep = sweep;
    this.places = rows.map(({ row }) => this.placeOf(row)).filter((place) => place !== undefined);
    this.usd = extent(this.places, 0);
    this.latencyS = extent(this.places, 1);
  }

  lines(selected: ArmRow, { frontier }: SweepSummary, width: number): Line[] {
    if (this.places.length < 2) return [['too few rows with figures']];
    const place = this.placeOf(selected);
    return plot(
      {
        x: logAxis(this.usd[0] * 0.9, this.usd[1] * 1.1, plainText),
        y: logAxis(this.latencyS[0] * 0.9, this.latencyS[1] * 1.1, timeText),
        points: this.places,
        signs: [
          ...frontier.flatMap(({ row }) => {
            const at = this.placeOf(row);
            return at ? [{ at, sign: strong('◆') }] : [];
          }),
          ...(place ? [{ at: place, sign: { text: '●', tone: 'accent' as const } }] : []),
        ],
        level: this.sweep.sla?.limitS,
      },
      width,
      plotHeight(width),
    );
  }

  /** None where a row has no figures that a scale of ratios can show. */
  private placeOf(row: ArmRow): Place | undefined {
    const usd = row[this.sweep.money] ?? 0;
    const latencyS = row.latencyS?.[this.sweep.judged].mean ?? 0;
    return usd > 0 && latencyS > 0 ? [usd, latencyS] : undefined;
  }
}

/** Smallest and largest; not by spreading, which a hundred thousand values would overflow. */
function extent(places: readonly Place[], axis: 0 | 1): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const place of places) {
    least = Math.min(least, place[axis]);
    most = Math.max(most, place[axis]);
  }
  return [least, most];
}
