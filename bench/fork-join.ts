import { performance } from 'node:perf_hooks';
import { RandomStream } from '../foundation/random.ts';
import { EventQueue } from '../sim/engine/event-queue.ts';

export interface ForkJoinRow {
  requests: number;
  /** Events: one arrival, and for each shard the request reaching it, its service and its reply. */
  events: number;
  /** Mean number of pending events seen by an arriving request. */
  meanPending: number;
  /** Mean response time in units of the mean service time: a check that nothing was left out. */
  meanResponse: number;
  /** In a million a second; the median of the runs. */
  millionEventsPerS: number;
}

const SHARDS = 8;
const REQUESTS = 5e5;
const RUNS = 5;
const TABLE_MASK = 0xffff;
/** Times in units of the mean service time. */
const MEAN_BETWEEN_ARRIVALS = 1.3;
const NETWORK_DELAY = 0.5;

/** Kinds of event, in the two lowest bits of a payload; above them three bits of shard, then the request. */
const ARRIVE = 0;
const REACH = 1;
const SERVED = 2;
const REPLY = 3;

/** Fork-join: each request goes to every one of 8 shards and ends when the last has replied. */
export function benchForkJoin(): ForkJoinRow[] {
  const random = new RandomStream(2);
  const variates = new Float64Array(TABLE_MASK + 1).map(() => random.exponential());
  run(variates);
  const runs = Array.from({ length: RUNS }, () => run(variates));
  runs.sort((a, b) => a.millionEventsPerS - b.millionEventsPerS);
  return [runs[RUNS >> 1]];
}

function run(variates: Float64Array): ForkJoinRow {
  const forkJoin = new ForkJoin(variates);
  const start = performance.now();
  const events = forkJoin.run();
  const seconds = (performance.now() - start) / 1e3;
  return {
    requests: REQUESTS,
    events,
    meanPending: forkJoin.pendingSum / REQUESTS,
    meanResponse: forkJoin.responseSum / REQUESTS,
    millionEventsPerS: events / seconds / 1e6,
  };
}

/** The model, on the raw queue: one switch over the kinds of event, all state in typed arrays. */
class ForkJoin {
  pendingSum = 0;
  responseSum = 0;
  private readonly queue = new EventQueue();
  private readonly variates: Float64Array;
  private drawn = 0;
  private arrived = 0;
  private readonly arrivalTime = new Float64Array(REQUESTS);
  private readonly repliesDue = new Int32Array(REQUESTS).fill(SHARDS);
  /** A waiting line for each shard, as a ring of requests; the one in service is its head. */
  private readonly line = new Int32Array(SHARDS << 12);
  private readonly lineHead = new Int32Array(SHARDS);
  private readonly lineSize = new Int32Array(SHARDS);

  constructor(variates: Float64Array) {
    this.variates = variates;
  }

  /** Runs all requests; returns how many events that took. */
  run(): number {
    const { queue } = this;
    queue.push(0, ARRIVE);
    let events = 0;
    for (let payload = queue.pop(); payload >= 0; payload = queue.pop()) {
      events++;
      this.dispatch(payload, queue.time);
    }
    return events;
  }

  private dispatch(payload: number, now: number): void {
    const shard = (payload >> 2) & 7;
    const request = payload >> 5;
    switch (payload & 3) {
      case ARRIVE:
        this.arrive(now);
        break;
      case REACH:
        this.line[(shard << 12) | ((this.lineHead[shard] + this.lineSize[shard]) & 4095)] = request;
        if (this.lineSize[shard]++ === 0) this.serve(shard, now);
        break;
      case SERVED:
        this.lineHead[shard] = (this.lineHead[shard] + 1) & 4095;
        if (--this.lineSize[shard] > 0) this.serve(shard, now);
        this.queue.push(now + NETWORK_DELAY, (payload & ~3) | REPLY);
        break;
      case REPLY:
        if (--this.repliesDue[request] === 0) this.responseSum += now - this.arrivalTime[request];
        break;
    }
  }

  private arrive(now: number): void {
    const request = this.arrived++;
    this.arrivalTime[request] = now;
    this.pendingSum += this.queue.size;
    if (this.arrived < REQUESTS) this.queue.push(now + MEAN_BETWEEN_ARRIVALS * this.draw(), ARRIVE);
    for (let shard = 0; shard < SHARDS; shard++)
      this.queue.push(now + NETWORK_DELAY * this.draw(), (request << 5) | (shard << 2) | REACH);
  }

  private serve(shard: number, now: number): void {
    const request = this.line[(shard << 12) | this.lineHead[shard]];
    this.queue.push(now + this.draw(), (request << 5) | (shard << 2) | SERVED);
  }

  private draw(): number {
    return this.variates[this.drawn++ & TABLE_MASK];
  }
}
