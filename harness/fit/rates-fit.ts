import type { Rates } from '../../hardware-profiles/measurements.ts';
import type { Shape } from '../../hardware-profiles/operators-measured.ts';
import { fastestRates, type Law } from '../../sim/cost/rates.ts';

const names = ['latencyS', 'flopPerS', 'bytesPerS', 'rereadBytesPerS', 'stepS'] as const;

/** Errors (in log time) above this count linearly: a kernel choice gone wrong must not bend the rest. */
const robust = 0.3;

/** Weight of a pull towards the rates of the fastest points: it decides where the data say nothing. */
const pull = 1e-3;

/** First and last step of the search, in log rate. */
const firstStep = 1;
const lastStep = 0.02;

/**
 * Rates under which a law comes closest to measured times, by a search along one log rate after the other: no
 * derivatives, no randomness.
 */
export function fitRates(law: Law, shapes: readonly Shape[], seconds: readonly number[]): Rates {
  const works = shapes.map((shape) => law.work(shape));
  const start = fastestRates(works, seconds);
  const logs = seconds.map(Math.log);
  const cost = (rates: Rates) => {
    let sum = 0;
    for (let i = 0; i < shapes.length; i++) {
      const error = Math.abs(logs[i] - Math.log(law.seconds(shapes[i], works[i], rates)));
      sum += error < robust ? error * error : robust * (2 * error - robust);
    }
    const distance = names.reduce((total, name) => total + Math.log(rates[name] / start[name]) ** 2, 0);
    return sum / shapes.length + pull * distance;
  };
  let best = { rates: start, cost: cost(start) };
  for (let step = firstStep; step >= lastStep; ) {
    let isBetter = false;
    for (const name of names) {
      for (const factor of [Math.exp(step), Math.exp(-step)]) {
        const rates = { ...best.rates, [name]: best.rates[name] * factor };
        const value = cost(rates);
        if (value < best.cost - 1e-9) {
          best = { rates, cost: value };
          isBetter = true;
          break;
        }
      }
    }
    if (!isBetter) step /= 2;
  }
  return best.rates;
}
