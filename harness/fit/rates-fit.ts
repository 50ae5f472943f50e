import type { Rates } from '../../hardware-profiles/measurements.ts';
import type { Shape } from '../../hardware-profiles/operators-measured.ts';
import { fastestRates, type Law } from '../../sim/cost/rates.ts';

export type RateName = keyof Rates;

const names: readonly RateName[] = ['latencyS', 'flopPerS', 'bytesPerS', 'rereadBytesPerS', 'stepS'];

/** Errors (in log time) above this count linearly: a kernel choice gone wrong must not bend the rest. */
const robust = 0.3;

/** Weight of a pull towards the rates of the fastest points: it decides where the data say nothing. */
const pull = 1e-3;

/** First and last step of the search, in log rate. */
const firstStep = 1;
const lastStep = 0.02;

/**
 * Limits that are let go when times follow as well without them, in this order, and what then stands for none. Of two
 * explanations the one by memory alone is kept: a device with other datasheet figures is predicted from it.
 */
const dispensable: readonly (readonly [RateName, number])[] = [
  ['stepS', 1e-15],
  ['flopPerS', 1e24],
  ['rereadBytesPerS', 1e24],
];

/** As well: a cost at most this much higher. */
const noWorse = 1.03;

/**
 * Rates under which a law comes closest to measured times, by a search along one log rate after the other: no
 * derivatives, no randomness.
 * @param needed rates that are never let go
 */
export function fitRates(
  law: Law,
  shapes: readonly Shape[],
  seconds: readonly number[],
  needed: readonly RateName[] = [],
): Rates {
  const search = new RatesSearch(law, shapes, seconds);
  let best = search.from(search.start, names);
  let active = names;
  for (const [name, none] of dispensable) {
    if (needed.includes(name)) continue;
    const others = active.filter((each) => each !== name);
    const without = search.from({ ...best.rates, [name]: none }, others);
    if (without.cost > best.cost * noWorse + 1e-7) continue;
    best = without;
    active = others;
  }
  return best.rates;
}

class RatesSearch {
  readonly start: Rates;
  private readonly law: Law;
  private readonly shapes: readonly Shape[];
  private readonly works: ReturnType<Law['work']>[];
  private readonly logs: number[];

  constructor(law: Law, shapes: readonly Shape[], seconds: readonly number[]) {
    this.law = law;
    this.shapes = shapes;
    this.works = shapes.map((shape) => law.work(shape));
    this.logs = seconds.map(Math.log);
    this.start = fastestRates(this.works, seconds);
  }

  /** The best rates that a search along some of them finds from a start. */
  from(start: Rates, active: readonly RateName[]): { rates: Rates; cost: number } {
    let best = { rates: start, cost: this.cost(start, active) };
    for (let step = firstStep; step >= lastStep; ) {
      let isBetter = false;
      for (const name of active) {
        for (const factor of [Math.exp(step), Math.exp(-step)]) {
          const rates = { ...best.rates, [name]: best.rates[name] * factor };
          const cost = this.cost(rates, active);
          if (cost < best.cost - 1e-9) {
            best = { rates, cost };
            isBetter = true;
            break;
          }
        }
      }
      if (!isBetter) step /= 2;
    }
    return best;
  }

  private cost(rates: Rates, active: readonly RateName[]): number {
    const { law, shapes, works, logs } = this;
    let sum = 0;
    for (let i = 0; i < shapes.length; i++) {
      const error = Math.abs(logs[i] - Math.log(law.seconds(shapes[i], works[i], rates)));
      sum += error < robust ? error * error : robust * (2 * error - robust);
    }
    const distance = active.reduce((total, name) => total + Math.log(rates[name] / this.start[name]) ** 2, 0);
    return sum / shapes.length + pull * distance;
  }
}
