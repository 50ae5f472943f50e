import { RandomStream } from '../../foundation/random.ts';
import type { Trace } from '../../scenarios/deployment.ts';
import type { ArrivalsSpec, LoadSpec } from '../../scenarios/load-schema.ts';
import type { JobSource } from '../engine/job.ts';
import { type ReplicationKey, streams } from '../streams.ts';
import { type CandidateLaw, candidateLaw } from './candidates.ts';
import { independentSizes, type SizeVariates, stratifiedSizes } from './request-sizes.ts';

/** Time of the next open arrival (s), or of the next request of a client that has just been answered. */
type NextArrival = (now: number) => number;

/**
 * The requests of one replication. Sizes are keyed by the request's number, so every arm gets the same ones;
 * gaps come from one stream of standard variates, scaled by the rate.
 */
export function requestSource(load: LoadSpec, trace: Trace | undefined, key: ReplicationKey): JobSource {
  const random = new RandomStream(key.seed, key.replication, streams.arrivals, 0);
  const { arrivals } = load;
  if (arrivals.kind === 'trace') {
    if (!trace) throw new Error('a trace load needs its trace');
    return new TraceSource(trace, arrivals, load.requests);
  }
  const clients = arrivals.kind === 'closed' ? arrivals.clients : arrivals.kind === 'serial' ? 1 : undefined;
  return new GeneratedSource(
    load.requests,
    nextArrival(arrivals, random),
    candidateLaw(load.candidates),
    arrivals.kind === 'serial' ? stratifiedSizes(key, load.requests) : independentSizes(key),
    clients,
  );
}

class GeneratedSource implements JobSource {
  readonly clients?: number;
  time = 0;
  size = 0;
  private drawn = 0;
  private readonly requests: number;
  private readonly next: NextArrival;
  private readonly law: CandidateLaw;
  private readonly variates: SizeVariates;

  constructor(
    requests: number,
    next: NextArrival,
    law: CandidateLaw,
    variates: SizeVariates,
    clients?: number,
  ) {
    this.requests = requests;
    this.next = next;
    this.law = law;
    this.variates = variates;
    if (clients !== undefined) this.clients = clients;
  }

  draw(now: number): boolean {
    if (this.drawn === this.requests) return false;
    this.size = this.law(this.variates(this.drawn++));
    this.time = this.next(now);
    return true;
  }
}

/** Replays a trace, its clock scaled; the same in every replication. */
class TraceSource implements JobSource {
  time = 0;
  size = 0;
  private drawn = 0;
  private readonly trace: Trace;
  private readonly requests: number;
  private readonly timeScale: number;

  constructor(trace: Trace, spec: Extract<ArrivalsSpec, { kind: 'trace' }>, requests: number) {
    this.trace = trace;
    this.requests = Math.min(requests, trace.timesS.length);
    this.timeScale = 1 / traceRateScale(trace, spec);
  }

  draw(_now: number): boolean {
    if (this.drawn === this.requests) return false;
    this.time = this.trace.timesS[this.drawn] * this.timeScale;
    this.size = this.trace.candidates[this.drawn++];
    return true;
  }
}

/** How much faster than recorded a trace is replayed: a factor, or what reaches the rate asked for. */
export function traceRateScale(trace: Trace, spec: Extract<ArrivalsSpec, { kind: 'trace' }>): number {
  if (spec.rate === undefined) return spec.rate_scale ?? 1;
  const durationS = trace.timesS[trace.timesS.length - 1];
  const recorded = (trace.timesS.length - 1) / durationS;
  return Number.isFinite(recorded) && recorded > 0 ? spec.rate / recorded : 1;
}

function nextArrival(spec: Exclude<ArrivalsSpec, { kind: 'trace' }>, random: RandomStream): NextArrival {
  switch (spec.kind) {
    case 'serial':
      return (now) => now + (now > 0 ? spec.gap : 0);
    case 'closed':
      return (now) => now + spec.think_time * random.exponential();
    case 'poisson':
      return renewal(() => random.exponential() / spec.rate);
    case 'gamma': {
      const shape = spec.coefficient_of_variation ** -2;
      return renewal(() => random.gamma(shape) / spec.rate);
    }
    case 'deterministic':
      return renewal(() => 1 / spec.rate);
    case 'mmpp':
      return modulated(spec.states, random);
    case 'diurnal':
      return diurnal(spec, random);
  }
}

function renewal(gap: () => number): NextArrival {
  let time = 0;
  return () => {
    time += gap();
    return time;
  };
}

/** Markov-modulated Poisson process: exponential stays in each state, in turn, from the first. */
function modulated(states: { rate: number; mean_duration: number }[], random: RandomStream): NextArrival {
  let time = 0;
  let state = 0;
  let until = states[0].mean_duration * random.exponential();
  return () => {
    // A unit of "Poisson work" is spent at the rate of whatever state holds (time rescaling).
    let work = random.exponential();
    while ((until - time) * states[state].rate < work) {
      work -= (until - time) * states[state].rate;
      time = until;
      state = (state + 1) % states.length;
      until = time + states[state].mean_duration * random.exponential();
    }
    time += work / states[state].rate;
    return time;
  };
}

/** Poisson arrivals whose rate follows a sine over the period, by thinning the peak rate. */
function diurnal(spec: Extract<ArrivalsSpec, { kind: 'diurnal' }>, random: RandomStream): NextArrival {
  const swing = spec.peak_to_mean - 1;
  const peak = spec.mean_rate * spec.peak_to_mean;
  let time = 0;
  return () => {
    for (;;) {
      time += random.exponential() / peak;
      const phase = (2 * Math.PI * (spec.start + time)) / spec.period;
      if (random.uniform() * spec.peak_to_mean < 1 + swing * Math.sin(phase)) return time;
    }
  };
}

/** Mean requests per second that an open load offers; undefined for loads that wait for answers. */
export function offeredRate(load: LoadSpec, trace?: Trace): number | undefined {
  const { arrivals } = load;
  switch (arrivals.kind) {
    case 'serial':
    case 'closed':
      return undefined;
    case 'poisson':
    case 'gamma':
    case 'deterministic':
      return arrivals.rate;
    case 'diurnal':
      return arrivals.mean_rate;
    case 'mmpp': {
      const total = arrivals.states.reduce((sum, state) => sum + state.mean_duration, 0);
      return arrivals.states.reduce((sum, state) => sum + (state.rate * state.mean_duration) / total, 0);
    }
    case 'trace': {
      if (!trace || trace.timesS.length < 2) return undefined;
      const recorded = (trace.timesS.length - 1) / trace.timesS[trace.timesS.length - 1];
      return recorded * traceRateScale(trace, arrivals);
    }
  }
}
