import { formatTime } from '../../foundation/units.ts';
import type { ArmResult, Measured, Percentile, Result } from '../../sim/result.ts';
import { finite, withoutZeros } from './quantity.ts';

export const percentiles: readonly Percentile[] = ['p50', 'p90', 'p95', 'p99', 'p99.9'];

export type MeasuredArm = ArmResult & { measured: Measured };

/** Arms that were simulated; others do not fit. */
export function measuredArms({ arms }: Result): MeasuredArm[] {
  return arms.filter((arm): arm is MeasuredArm => arm.measured !== undefined);
}

/** Why nothing is drawn of what was simulated. */
export const noneFits = 'no arm was simulated: none fits';

/** Arms whose latency says something: that of a saturated one grows with the length of the run. */
export function soundArms(result: Result): MeasuredArm[] {
  return measuredArms(result).filter(
    ({ verdict, measured }) =>
      verdict.state !== 'SATURATED' && Object.values(measured.latencyS).every(isDrawable),
  );
}

function isDrawable(value: number | { mean: number }): boolean {
  return Number.isFinite(typeof value === 'number' ? value : value.mean);
}

/** The percentile that decides. */
export function judgedOf({ scenario }: Result): Percentile {
  return scenario.sla?.percentile ?? 'p99';
}

/** `p99 ≤ 30 ms`. */
export function slaInWords({ percentile, limitS }: { percentile: string; limitS: number }): string {
  return `${percentile} ≤ ${withoutZeros(formatTime(limitS))}`;
}

/** The arm of the lowest judged percentile, of those that surely meet the SLA where some do. */
export function bestArm(result: Result): string | undefined {
  const judged = judgedOf(result);
  const sound = soundArms(result);
  const meeting = sound.filter(({ sla }) => sla?.met === 'yes');
  const [first, ...others] = meeting.length > 0 ? meeting : sound;
  if (!first) return undefined;
  const timeOf = ({ measured }: MeasuredArm) => measured.latencyS[judged].mean;
  return others.reduce((best, arm) => (timeOf(arm) < timeOf(best) ? arm : best), first).name;
}

/** Use of the busiest resource: what an open load offers, else what was seen. */
export function busiestUse({ utilisation }: Measured): number {
  return Math.max(
    0,
    ...utilisation.map(({ mean, offered }) => finite(offered ?? mean).mean).filter(Number.isFinite),
  );
}

const slaWords = { yes: 'SLA met', no: 'SLA missed', uncertain: 'SLA uncertain' } as const;

/** `ρ 0.52 · STABLE · SLA met`. */
export function standing({ measured, verdict, sla }: ArmResult): string {
  return [
    ...(measured ? [`ρ ${busiestUse(measured).toFixed(2)}`] : []),
    verdict.state,
    ...(sla ? [slaWords[sla.met]] : []),
  ].join(' · ');
}

/** How an answer to the SLA is coloured. */
export function judgement(met: 'yes' | 'no' | 'uncertain'): string {
  return { yes: 'good', no: 'bad', uncertain: 'unsure' }[met];
}

/** `95 % intervals over 3 replications`, or why there are none. */
export function intervalsInWords({ scenario }: Result): string {
  const { replications, confidence } = scenario;
  if (replications < 2) return 'One replication gives no intervals';
  return `whiskers: ${Number((confidence * 100).toPrecision(3))} % intervals over ${replications} replications`;
}

/** A limit of so many times what is drawn, or less than its share, would leave little room for anything else. */
const farOff = 6;

/** The limit, where it is near enough to share a scale with latencies between two ends. */
export function nearLimit(sla: { limitS: number } | undefined, lowS: number, highS: number): number[] {
  return sla && sla.limitS <= farOff * highS && sla.limitS >= lowS / farOff ? [sla.limitS] : [];
}
