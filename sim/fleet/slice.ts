/** Hosts by group of the task graph: main, shard 0, … */
export type Hosts = ReadonlyMap<string, number>;

/** All hosts of a fleet. */
export function countOf(hosts: Hosts): number {
  return [...hosts.values()].reduce((sum, count) => sum + count, 0);
}

/** A part of a fleet that behaves like the whole. */
export interface Slice {
  hosts: Hosts;
  ratePerS: number;
  /** How many such slices the fleet has. */
  sliceOf: number;
}

/** Main hosts of a slice at least: fewer would queue noticeably more than the fleet. */
const fewestMain = 4;

/** How much more a host of the slice may be loaded than one of the fleet, since hosts come whole. */
const mostOverload = 1.01;

/**
 * The smallest slice of a fleet that may stand for it: every group divided alike, rounded down, so that no host of the
 * slice bears less than one of the fleet. Larger pools queue less, so a slice errs on the safe side.
 */
export function sliceOf(hosts: Hosts, ratePerS: number): Slice {
  const counts = [...hosts.values()];
  const most = Math.min(Math.floor((hosts.get('main') ?? 1) / fewestMain), ...counts);
  for (let parts = most; parts > 1; parts--) {
    if (counts.every((count) => count / parts <= mostOverload * Math.floor(count / parts))) {
      const slice = new Map([...hosts].map(([group, count]) => [group, Math.floor(count / parts)]));
      return { hosts: slice, ratePerS: ratePerS / parts, sliceOf: parts };
    }
  }
  return { hosts, ratePerS, sliceOf: 1 };
}
