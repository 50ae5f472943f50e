import { formatTime } from '../../../foundation/units.ts';
import type { Alternative } from '../../../sim/fleet/plan-result.ts';
import { plainRate } from '../../numbers.ts';
import type { FleetPlan } from '../../plan-fleet-sections.ts';
import { linearAxis, plainText, timeText } from '../axes.ts';
import type { Line } from '../line.ts';
import { percentileBars } from '../percentile-bars.ts';
import { plot, plotHeight } from '../plot.ts';
import { sections } from '../table.ts';

/** Percentiles of every simulated state against the SLA, and the judged one over load. */
export function latencyLines(
  plan: FleetPlan,
  { states, capacity, name }: Alternative,
  width: number,
): Line[] {
  const { sla } = plan.scenario;
  const dayCurve = plan.day?.alternative === name ? plan.day.curve : undefined;
  return sections(
    width,
    ...states.map(
      ({ state, ratePerS, latencyS }) =>
        [
          `${capitalised(state)}, ${plainRate(ratePerS)} requests/s (│ ${sla.percentile} ≤ ${formatTime(sla.limitS)})`,
          percentileBars(latencyS, { limit: sla, width }),
        ] as const,
    ),
    [
      `${sla.percentile} of one replica set over its load in requests/s (─ SLA, │ what it bears)`,
      capacity ? overLoad(capacity.curve, sla.limitS, capacity.ratePerS.mean, width) : [],
    ],
    [
      `${sla.percentile} of the whole fleet over its load in requests/s (─ SLA)`,
      dayCurve
        ? overLoad(
            dayCurve.map(({ ratePerS, latencyS }) => ({ ratePerS, latencyS: latencyS.mean })),
            sla.limitS,
            undefined,
            width,
          )
        : [],
    ],
  );
}

function capitalised(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}`;
}

/** Latencies of loads beyond what is borne run away: the scale ends at this many times the limit. */
const mostOverLimit = 2;

function overLoad(
  curve: readonly { ratePerS: number; latencyS: number }[],
  limitS: number,
  borne: number | undefined,
  width: number,
): Line[] {
  const points = [...curve].sort((a, b) => a.ratePerS - b.ratePerS);
  if (points.length < 2) return [];
  const top = Math.min(Math.max(...points.map(({ latencyS }) => latencyS), limitS), mostOverLimit * limitS);
  return plot(
    {
      x: linearAxis(0, points[points.length - 1].ratePerS * 1.02, plainText),
      y: linearAxis(0, top * 1.05, timeText),
      curve: points.map(({ ratePerS, latencyS }) => [ratePerS, latencyS]),
      level: limitS,
      upright: borne,
    },
    width,
    plotHeight(width),
  );
}
