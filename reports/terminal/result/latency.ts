import { formatTime } from '../../../foundation/units.ts';
import type { ArmResult, Result } from '../../../sim/result.ts';
import { logAxis, shareAxis, timeText } from '../axes.ts';
import type { Line } from '../line.ts';
import { percentileBars } from '../percentile-bars.ts';
import { plot, plotHeight } from '../plot.ts';
import { sections } from '../table.ts';

/** How latencies are distributed, and the percentiles with their intervals against the SLA. */
export function latencyLines({ scenario }: Result, { measured, sla }: ArmResult, width: number): Line[] {
  const { curve, latencyS } = measured!;
  const limit = sla ?? scenario.sla;
  return sections(
    width,
    [
      `Percentiles${limit ? ` (│ SLA: ${limit.percentile} ≤ ${formatTime(limit.limitS)})` : ''}`,
      percentileBars(latencyS, { limit, width }),
    ],
    ['Share of requests served within a time', distribution(curve, limit?.limitS, width)],
  );
}

function distribution(
  { probability, latencyS }: { probability: readonly number[]; latencyS: readonly number[] },
  limitS: number | undefined,
  width: number,
): Line[] {
  const points = probability.map((share, index) => [latencyS[index], share] as const);
  const above = points.filter(([timeS]) => timeS > 0);
  if (above.length < 2) return [];
  const from = above[0][0];
  const to = Math.max(above[above.length - 1][0], limitS === undefined ? 0 : Math.min(limitS, from * 1e4));
  return plot(
    {
      x: logAxis(from * 0.95, to * 1.05, timeText),
      y: shareAxis(),
      curve: above,
      upright: limitS,
    },
    width,
    plotHeight(width),
  );
}
