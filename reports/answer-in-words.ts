import { formatTime } from '../foundation/units.ts';
import type { ArmResult, Interval, Result } from '../sim/result.ts';
import { signedPercent } from './numbers.ts';

/** The answer in one or two sentences. */
export function answerInWords({ arms, scenario }: Result): string {
  const usable = arms.filter(({ measured, verdict }) => measured && verdict.state !== 'SATURATED');
  if (usable.length === 0) return 'No arm can serve this: see the reasons below.';
  const sentences = [
    scenario.sla ? slaSentence(usable, scenario.sla) : '',
    bestSentence(usable, scenario.baseline),
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function slaSentence(
  arms: ArmResult[],
  { percentile, limitS }: { percentile: string; limitS: number },
): string {
  const meeting = arms.filter(({ sla }) => sla?.met === 'yes').map(({ name }) => name);
  const limit = `${percentile} ≤ ${formatTime(limitS)}`;
  return meeting.length > 0 ? `${limit} is met by: ${meeting.join(', ')}.` : `No arm surely meets ${limit}.`;
}

function bestSentence(arms: ArmResult[], baseline: string): string {
  const compared = arms.filter(({ measured }) => measured?.overBaseline);
  if (compared.length === 0) {
    const { measured, name } = arms[0];
    return arms.length === 1 && measured ? `${name}: p99 ${formatTime(measured.latencyS.p99.mean)}.` : '';
  }
  const best = least(compared, ({ measured }) => measured!.overBaseline!.p99.mean);
  const cheapest = least(compared, ({ measured }) => measured!.overBaseline!.compute.mean);
  const { p50, p99, compute } = best.measured!.overBaseline!;
  const basis = p99.high === undefined ? ', by one replication' : '';
  const latency = `p99 ${signedPercent(p99)}, p50 ${signedPercent(p50)}`;
  if (compared.length === 1)
    return `${best.name} over ${baseline}: ${latency}, compute ${signedPercent(compute)}${basis}.`;
  return (
    `${ranking(best, baseline, p99)} (${latency}${basis}). ` +
    `Least compute beside ${baseline}: ${cheapest.name} (${signedPercent(cheapest.measured!.overBaseline!.compute)}).`
  );
}

/** How the arm of lowest p99 stands to the baseline, by the interval of the difference where there is one. */
function ranking({ name }: ArmResult, baseline: string, { mean, low = mean, high = mean }: Interval): string {
  if (high < 0) return `Lowest p99: ${name}, below ${baseline}`;
  if (low > 0) return `Every other arm has a higher p99 than ${baseline}; closest: ${name}`;
  return `Lowest p99: ${name}, level with ${baseline}`;
}

function least(arms: ArmResult[], value: (arm: ArmResult) => number): ArmResult {
  return arms.reduce((best, arm) => (value(arm) < value(best) ? arm : best));
}
