/** What a run of batches came to: seconds from arrival to answer, by job. */
export interface BatchRun {
  latencies: number[];
}

interface Station {
  servers: number;
  maxItems: number;
  maxWaitS: number;
  serviceS: (items: number) => number;
}

/**
 * Serves jobs in batches, worked out batch by batch without events: batches are made of parts in order of arrival;
 * each starts at the first moment at which it is due and a server is free, with all who are there and fit.
 */
export function referenceBatches(
  arrivals: readonly number[],
  sizes: readonly number[],
  { servers, maxItems, maxWaitS, serviceS }: Station,
): BatchRun {
  const parts = arrivals.flatMap((arrival, job) =>
    Array.from({ length: Math.ceil(sizes[job] / maxItems) }, (_, part) => ({
      job,
      arrival,
      items: Math.min(maxItems, sizes[job] - part * maxItems),
    })),
  );
  const freeAt = new Array<number>(servers).fill(0);
  const ends = arrivals.map(() => 0);
  for (let first = 0; first < parts.length; ) {
    freeAt.sort((a, b) => a - b);
    let items = 0;
    let next = first;
    // Full when its limit is reached exactly, or when the part that does not fit arrives.
    let fullAt = Number.POSITIVE_INFINITY;
    for (let at = first; at < parts.length; at++) {
      const total = items + parts[at].items;
      if (total >= maxItems) fullAt = parts[at].arrival;
      if (total > maxItems) break;
      items = total;
      if (total === maxItems) break;
    }
    const due = Math.min(parts[first].arrival + maxWaitS, fullAt);
    const start = Math.max(due, freeAt[0]);
    items = 0;
    while (next < parts.length && parts[next].arrival <= start && items + parts[next].items <= maxItems) {
      // With no wait and a free server, the first part of a moment does not wait for the others of that moment.
      if (next > first && maxWaitS === 0 && start === parts[first].arrival) break;
      items += parts[next++].items;
    }
    freeAt[0] = start + serviceS(items);
    for (let at = first; at < next; at++) {
      ends[parts[at].job] = Math.max(ends[parts[at].job], freeAt[0]);
    }
    first = next;
  }
  return { latencies: ends.map((end, job) => end - arrivals[job]) };
}
