import { plusMinus, timeUnit } from '../numbers.ts';
import { type Estimated, intervalBar } from './bars.ts';
import type { Line, Tone } from './line.ts';
import { paragraph } from './table.ts';
import { displayWidth, pad } from './text-width.ts';

const names = ['p50', 'p90', 'p95', 'p99', 'p99.9'] as const;
type Name = (typeof names)[number];

/** Intervals that reach far beyond the means must not squeeze all else. */
const mostOverMean = 1.5;

/** Percentiles as bars with intervals; the judged one is marked, and stands against the limit. */
export function percentileBars(
  latencyS: Record<Name, Estimated>,
  { limit, width }: { limit?: { percentile: string; limitS: number } | undefined; width: number },
): Line[] {
  const most = scaleOf(
    names.map((name) => latencyS[name]),
    limit?.limitS,
  );
  const unit = timeUnit(names.map((name) => latencyS[name].mean));
  const texts = names.map((name) => `${plusMinus(latencyS[name], unit.perS)} ${unit.name}`);
  const textWidth = Math.max(...texts.map(displayWidth));
  const barWidth = Math.max(4, width - textWidth - 9);
  const lines = names.map((name, index): Line => {
    const isJudged = limit?.percentile === name;
    const tone = isJudged ? toneOf(latencyS[name], limit.limitS) : undefined;
    return [
      `${isJudged ? '▸' : ' '}${pad(name, 6)}`,
      ...intervalBar(latencyS[name], { most, width: barWidth, limit: limit?.limitS, ...(tone && { tone }) }),
      `  ${pad(texts[index], textWidth, 'right')}`,
    ];
  });
  const legend = `█ up to the interval, ▒ within it${limit ? ', ▸ the one that is judged' : ''}`;
  return [...lines, ...paragraph(legend, width, 'faint')];
}

/** The largest mean or limit, and as much of the intervals as leaves the bars their room. */
export function scaleOf(estimates: readonly Estimated[], limit = 0): number {
  const mean = Math.max(...estimates.map((one) => one.mean), limit);
  const high = Math.max(...estimates.map((one) => one.high ?? one.mean), limit);
  return Math.min(high, mean * mostOverMean) * 1.02 || 1;
}

function toneOf({ mean, low = mean, high = mean }: Estimated, limitS: number): Tone {
  if (high <= limitS) return 'good';
  return low > limitS ? 'bad' : 'doubtful';
}
