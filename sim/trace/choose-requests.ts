import { resized } from '../engine/instances.ts';
import type { Observer } from '../engine/job.ts';
import type { Window } from './pool-samples.ts';
import type { Reason } from './trace-result.ts';

/** A request to be traced, known from a run without a trace. */
export interface ChosenRequest {
  number: number;
  why: Reason[];
  arrivalS: number;
  latencyS: number;
}

/** When each measured request of a run came and how long it took, by its number. */
export class LatencyList implements Observer {
  private readonly warmUp: number;
  private arrivalS = new Float64Array(1024);
  private latencyS = new Float64Array(1024);
  private count = 0;

  constructor(warmUp: number) {
    this.warmUp = warmUp;
  }

  jobDone(jobIndex: number, arrival: number, latency: number): void {
    const at = jobIndex - this.warmUp;
    if (at < 0) return;
    if (at >= this.latencyS.length) {
      this.arrivalS = resized(this.arrivalS, 2 * (at + 1));
      this.latencyS = resized(this.latencyS, 2 * (at + 1));
    }
    this.arrivalS[at] = arrival;
    this.latencyS[at] = latency;
    this.count = Math.max(this.count, at + 1);
  }

  /**
   * The slowest request, the median one (of an even number the faster of the two) and the first ones, in this order;
   * each once. Of equal ones the first counts.
   */
  choose(first: number): ChosenRequest[] {
    const latencyS = this.latencyS.subarray(0, this.count);
    const sorted = latencyS.slice().sort();
    const wanted: [at: number, why: Reason][] = [
      [latencyS.indexOf(sorted[this.count - 1]), 'slowest'],
      [latencyS.indexOf(sorted[Math.ceil(this.count / 2) - 1]), 'median'],
      ...Array.from({ length: Math.min(first, this.count) }, (_, at): [number, Reason] => [at, 'first']),
    ];
    const chosen = new Map<number, ChosenRequest>();
    for (const [at, why] of wanted) {
      const known = chosen.get(at);
      if (known) known.why.push(why);
      else {
        const number = this.warmUp + at;
        chosen.set(at, { number, why: [why], arrivalS: this.arrivalS[at], latencyS: latencyS[at] });
      }
    }
    return [...chosen.values()];
  }
}

/** The times of requests, those that overlap made one, with so many points for each request. */
export function windowsOf(requests: readonly ChosenRequest[], points: number): Window[] {
  const windows: Window[] = [];
  for (const { arrivalS, latencyS } of [...requests].sort((a, b) => a.arrivalS - b.arrivalS)) {
    const toS = arrivalS + latencyS;
    const last = windows.at(-1);
    if (last && arrivalS <= last.toS) {
      last.toS = Math.max(last.toS, toS);
      last.points += points;
    } else windows.push({ fromS: arrivalS, toS, points });
  }
  return windows;
}
