import { formatPercent, significant } from '../foundation/units.ts';

/** Hardware counters by the profiler's own names: shares of a peak, and warps that wait for each instruction that is issued. */
export type Counters = Readonly<Record<string, number>>;

const elapsed = 'avg.pct_of_peak_sustained_elapsed';

/** What is counted as a share, in percent, and what it is called for people. */
const shares = {
  [`sm__throughput.${elapsed}`]: 'arithmetic and issue',
  [`gpu__compute_memory_throughput.${elapsed}`]: 'memory system',
  [`dram__throughput.${elapsed}`]: 'device memory',
  'lts__t_sector_hit_rate.pct': 'hits in L2',
  'sm__warps_active.avg.pct_of_peak_sustained_active': 'warps resident',
} as const;

/** Counter of the share of its peak at which device memory moved bytes. */
export const deviceMemoryCounter = `dram__throughput.${elapsed}`;
/** The same of arithmetic units, whichever was busiest. */
export const arithmeticCounter = `sm__throughput.${elapsed}`;
/** Resident warps over the most that a multiprocessor holds. */
export const residentWarpsCounter = 'sm__warps_active.avg.pct_of_peak_sustained_active';

/** What a warp waits for, by the profiler's word. */
const reasons = {
  long_scoreboard: 'global memory',
  short_scoreboard: 'shared memory',
  barrier: 'a barrier',
  math_pipe_throttle: 'arithmetic units',
  mio_throttle: 'the queue of shared memory',
  lg_throttle: 'the queue of global memory',
  wait: 'the last instruction',
  membar: 'a fence',
} as const;

const stallPrefix = 'smsp__average_warps_issue_stalled_';
const stallCounter = (reason: string) => `${stallPrefix}${reason}_per_issue_active.ratio`;

/** Nanoseconds of a kernel: what counters of several kernels are weighted by. */
export const durationCounter = 'gpu__time_duration.sum';

/** All that a profiler is asked for. */
export const askedCounters: readonly string[] = [
  durationCounter,
  ...Object.keys(shares),
  ...Object.keys(reasons).map(stallCounter),
];

export function isShare(counter: string): boolean {
  return Object.hasOwn(shares, counter);
}

/** What warps wait for, the most first: warps that do for each instruction that is issued. */
export function stallsOf(counters: Counters): { reason: string; what: string; warps: number }[] {
  return Object.entries(reasons)
    .flatMap(([reason, what]) => {
      const warps = counters[stallCounter(reason)];
      return warps === undefined || warps <= 0 ? [] : [{ reason, what, warps }];
    })
    .sort((a, b) => b.warps - a.warps);
}

/** Stalls that people are told of. */
const shownStalls = 3;

/** `arithmetic and issue 76 %, …; for each instruction 5.2 warps wait for global memory, 0.7 for a barrier`. */
export function countersInWords(counters: Counters): string {
  const peaks = Object.entries(shares).flatMap(([name, what]) =>
    counters[name] === undefined ? [] : [`${what} ${formatPercent(counters[name])}`],
  );
  const stalls = stallsOf(counters).slice(0, shownStalls);
  const waits = stalls.map(({ what, warps }, index) =>
    index === 0 ? `${significant(warps)} warps wait for ${what}` : `${significant(warps)} for ${what}`,
  );
  return [
    peaks.join(', '),
    ...(waits.length > 0 ? [`for each instruction that is issued ${waits.join(', ')}`] : []),
  ].join('; ');
}
