import { RankedInstances } from './ranked-instances.ts';
import type { ArmTrace, TracedInstance } from './trace-result.ts';

/**
 * The traces of several arms with so many tasks in all at most. What is too much is left out, the least important
 * requests of all arms first.
 */
export function fitTraces(traces: readonly ArmTrace[], mostTasks: number): ArmTrace[] {
  const kept = new RankedInstances<TracedInstance>(mostTasks);
  // The slowest request of every arm comes before the median of any, and so on.
  const rankOf = (arm: number, request: number) => request * traces.length + arm;
  traces.forEach(({ instances, requests }, arm) => {
    for (const instance of instances) {
      const request = requests.findIndex(({ number }) => instance.requests.includes(number));
      kept.add(rankOf(arm, request), instance);
    }
  });
  return traces.map((trace, arm) => {
    const isThere = (_: unknown, request: number) => !kept.isLeftOut(rankOf(arm, request));
    const gone = trace.requests.filter((each, request) => !isThere(each, request));
    const lost = trace.requests.map((_, request) => kept.lostBy(rankOf(arm, request)));
    return {
      ...trace,
      requests: trace.requests.filter(isThere),
      instances: trace.requests.flatMap((_, request) => kept.ofRank(rankOf(arm, request))),
      leftOut: {
        ...trace.leftOut,
        requests: [...trace.leftOut.requests, ...gone.map(({ number }) => number)].sort((a, b) => a - b),
        batches: lost.reduce((sum, count) => sum + count, trace.leftOut.batches),
      },
    };
  });
}
