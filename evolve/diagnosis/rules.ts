import { formatPercent, significant } from '../../foundation/units.ts';
import type { Bottleneck } from '../diagnosis.ts';
import type { Facts } from './facts.ts';
import { isMemorySide } from './sides.ts';

/** Share of a peak from which there is little left to gain. */
const nearPeak = 0.9;
/** Share of the time that launches take by themselves from which nothing else is worth a look. */
const launchBound = 0.5;
/** Below this share of both peaks a kernel is held back by something that is neither. */
const underused = 0.6;
/** Share of the bandwidth below which loads wait for their answers rather than for the bus. */
const waiting = 0.25;
/** Bytes or operations over the least ones that count as redundant. */
const redundant = 1.5;
/** Resident warps over the most, below which latency shows: kernels on tensor cores live with fewer. */
const fewWarps = { memory: 0.3, arithmetic: 0.125 };

/** Says of the facts, in a line, that a bottleneck is there; nothing where it is not. */
type Rule = (facts: Facts) => string | undefined;

const percent = (share: number) => formatPercent(share);
const times = (ratio: number) => `${significant(ratio)} ×`;

/**
 * Rules by bottleneck, in the order in which they are heard: what must be gone before the others can be judged comes first.
 * The thresholds are ours; the paper tells none.
 */
export const rules: readonly [Exclude<Bottleneck, 'failed'>, Rule][] = [
  [
    'near-speed-of-light',
    ({ speedOfLight }) =>
      speedOfLight >= nearPeak ? `${percent(speedOfLight)} of the speed of light` : undefined,
  ],
  [
    'launch-overhead',
    ({ launchShare, launches }) =>
      launchShare >= launchBound
        ? `${launches === 1 ? 'an empty launch takes' : `${launches} empty launches take`} ${percent(launchShare)} of the time`
        : undefined,
  ],
  [
    'spills',
    ({ resources: { spilledBytes = 0, registers } }) =>
      spilledBytes > 0
        ? `${spilledBytes} bytes a thread spilled to memory${registers === undefined ? '' : ` beside ${registers} registers`}`
        : undefined,
  ],
  [
    'redundant-traffic',
    ({ trafficRatio }) =>
      trafficRatio >= redundant
        ? `${times(trafficRatio)} the bytes that are needed go through memory`
        : undefined,
  ],
  [
    'redundant-arithmetic',
    ({ arithmeticRatio = 1, arithmeticShare }) =>
      arithmeticRatio >= redundant && arithmeticRatio * arithmeticShare >= underused
        ? `arithmetic units are busy with ${times(arithmeticRatio)} the operations that are needed`
        : undefined,
  ],
  ['occupancy', occupancy],
  [
    'memory-latency',
    (facts) =>
      isMemorySide(facts) &&
      facts.bandwidthShare > 0 &&
      (facts.bandwidthShare < waiting || waitsForMemory(facts))
        ? `only ${percent(facts.bandwidthShare)} of peak bandwidth: too few bytes in flight${stallInWords(facts)}`
        : undefined,
  ],
  [
    'memory-bandwidth',
    (facts) =>
      isMemorySide(facts) ? `${peakOf(facts.bandwidthShare, 'bandwidth')}, ${intensityOf(facts)}` : undefined,
  ],
  [
    'arithmetic',
    (facts) =>
      isMemorySide(facts)
        ? undefined
        : `${peakOf(facts.arithmeticShare, 'arithmetic')}, ${intensityOf(facts)}${stallInWords(facts)}`,
  ],
];

function occupancy(facts: Facts): string | undefined {
  const { resources, occupancy, device, bandwidthShare, arithmeticShare } = facts;
  if (Math.max(bandwidthShare, arithmeticShare) >= underused) return undefined;
  const { blocks } = resources;
  if (blocks !== undefined && blocks < device.units) {
    return `${blocks} blocks for ${device.units} multiprocessors`;
  }
  const least = isMemorySide(facts) ? fewWarps.memory : fewWarps.arithmetic;
  return occupancy !== undefined && occupancy < least
    ? `${percent(occupancy)} of the warps that could be resident`
    : undefined;
}

/** Whether warps were counted that wait for memory which is itself not busy. */
function waitsForMemory({ stall, memoryBusy = 1 }: Facts): boolean {
  return stall?.reason === 'long_scoreboard' && memoryBusy < underused;
}

function stallInWords({ stall }: Facts): string {
  return stall ? `; for each instruction ${significant(stall.warps)} warps wait for ${stall.what}` : '';
}

function peakOf(share: number, what: string): string {
  return share > 0 ? `${percent(share)} of peak ${what}` : `peak ${what} not known`;
}

function intensityOf({ intensity, ridge }: Facts): string {
  const here = `${significant(intensity)} FLOP/B`;
  return ridge > 0 ? `${here} where the ridge is ${significant(ridge)} FLOP/B` : here;
}
