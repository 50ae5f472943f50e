/**
 * Closed forms of queueing theory, to check a simulation against and to size a fleet before one.
 * Arrivals are Poisson; rates are per second, times in seconds. Service order does not change the means.
 */

/** Steady state of a station. */
export interface SteadyState {
  /** ρ: busy share of a server, in (0, 1). */
  utilisation: number;
  /** Mean time waiting for a server. */
  meanWaitS: number;
  /** Mean time from arrival to departure. */
  meanResponseS: number;
  /** Mean number waiting or in service (Little's law: arrival rate · mean response). */
  meanInSystem: number;
}

/**
 * M/M/1. Source: Kleinrock, Queueing Systems I (1975), section 3.2.
 * @throws RangeError if a rate is not above 0 or the station is not stable
 */
export function mm1(arrivalPerS: number, servicePerS: number): SteadyState {
  return mmc(arrivalPerS, servicePerS, 1);
}

/**
 * M/M/c: c servers, one line. Source: Kleinrock I, section 3.5 (Erlang C).
 * @param servicePerS rate of one server
 * @throws RangeError if a rate is not above 0, `servers` is not a whole number or the station is not stable
 */
export function mmc(arrivalPerS: number, servicePerS: number, servers: number): SteadyState {
  const waiting = erlangC(arrivalPerS, servicePerS, servers);
  const meanWaitS = waiting / (servers * servicePerS - arrivalPerS);
  return steadyState(arrivalPerS, 1 / servicePerS, servers, meanWaitS);
}

/**
 * Erlang C: the share of arrivals that have to wait in M/M/c. From Erlang B by its recursion
 * B(k) = a·B(k-1) / (k + a·B(k-1)), which neither overflows nor cancels, however many the servers.
 * Source: Cooper, Introduction to Queueing Theory (1981), chapter 3.
 * @throws RangeError as `mmc`
 */
export function erlangC(arrivalPerS: number, servicePerS: number, servers: number): number {
  checkPositive('service rate', servicePerS);
  if (!Number.isInteger(servers) || servers < 1)
    throw new RangeError(`servers must be a whole number of at least 1, not ${servers}`);
  const utilisation = checkedUtilisation(arrivalPerS, 1 / servicePerS, servers);
  const offered = arrivalPerS / servicePerS;
  let blocked = 1;
  for (let k = 1; k <= servers; k++) blocked = (offered * blocked) / (k + offered * blocked);
  return blocked / (1 - utilisation * (1 - blocked));
}

/**
 * Percentile of the waiting time in M/M/c with first come, first served:
 * P(wait > t) = C·exp(-(cμ - λ)t). Seconds; 0 where that share does not wait at all.
 * Source: Kleinrock I, section 3.5.
 * @param probability in [0, 1): 0.99 for the 99th percentile
 * @throws RangeError as `mmc`, and if `probability` is out of range
 */
export function mmcWaitPercentileS(
  probability: number,
  arrivalPerS: number,
  servicePerS: number,
  servers: number,
): number {
  if (!(probability >= 0 && probability < 1))
    throw new RangeError(`probability must be in [0, 1), not ${probability}`);
  const waiting = erlangC(arrivalPerS, servicePerS, servers);
  return Math.max(0, Math.log(waiting / (1 - probability)) / (servers * servicePerS - arrivalPerS));
}

/**
 * M/G/1, Pollaczek–Khinchine: mean wait = ρ·(1 + C²)/2 · mean service / (1 - ρ).
 * Source: Kleinrock I, chapter 5.
 * @param serviceScv C², variance of the service time over its mean squared: 1 exponential, 0 constant
 * @throws RangeError if a parameter is out of range or the station is not stable
 */
export function mg1(arrivalPerS: number, meanServiceS: number, serviceScv: number): SteadyState {
  if (!(serviceScv >= 0 && serviceScv < Number.POSITIVE_INFINITY))
    throw new RangeError(`squared coefficient of variation must be at least 0, not ${serviceScv}`);
  const utilisation = checkedUtilisation(arrivalPerS, meanServiceS, 1);
  const meanWaitS = (((utilisation * (1 + serviceScv)) / 2) * meanServiceS) / (1 - utilisation);
  return steadyState(arrivalPerS, meanServiceS, 1, meanWaitS);
}

/** M/D/1: constant service; half the wait of M/M/1. Source and errors: `mg1`. */
export function md1(arrivalPerS: number, serviceS: number): SteadyState {
  return mg1(arrivalPerS, serviceS, 0);
}

/**
 * Mean response of a fork-join of n M/M/1 stations: each arrival goes to all of them and is done when the
 * last is. Exact for n = 1 and for n = 2, (12 - ρ)/8 · 1/(μ - λ) (Flatto and Hahn 1984); for more, the
 * approximation of Nelson and Tantawi, "Approximate analysis of fork/join synchronization in parallel
 * queues", IEEE Transactions on Computers 37 (1988), made for n up to 32. Seconds.
 * @param servicePerS rate of each station
 * @throws RangeError if a rate is not above 0, n is not a whole number from 1 to 32, or ρ is not below 1
 */
export function forkJoinMeanResponseS(arrivalPerS: number, servicePerS: number, n: number): number {
  checkPositive('service rate', servicePerS);
  if (!Number.isInteger(n) || n < 1 || n > 32)
    throw new RangeError(`number of stations must be a whole number from 1 to 32, not ${n}`);
  const utilisation = checkedUtilisation(arrivalPerS, 1 / servicePerS, 1);
  const one = 1 / (servicePerS - arrivalPerS);
  if (n === 1) return one;
  const ratio = harmonic(n) / harmonic(2);
  return (ratio + (4 / 11) * (1 - ratio) * utilisation) * ((12 - utilisation) / 8) * one;
}

function steadyState(
  arrivalPerS: number,
  meanServiceS: number,
  servers: number,
  meanWaitS: number,
): SteadyState {
  const meanResponseS = meanWaitS + meanServiceS;
  return {
    utilisation: (arrivalPerS * meanServiceS) / servers,
    meanWaitS,
    meanResponseS,
    meanInSystem: arrivalPerS * meanResponseS,
  };
}

function checkedUtilisation(arrivalPerS: number, meanServiceS: number, servers: number): number {
  checkPositive('arrival rate', arrivalPerS);
  checkPositive('mean service time', meanServiceS);
  const utilisation = (arrivalPerS * meanServiceS) / servers;
  if (utilisation >= 1) throw new RangeError(`no steady state: utilisation ${utilisation} is not below 1`);
  return utilisation;
}

function checkPositive(name: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY))
    throw new RangeError(`${name} must be finite and above 0, not ${value}`);
}

function harmonic(n: number): number {
  let sum = 0;
  for (let k = 1; k <= n; k++) sum += 1 / k;
  return sum;
}
