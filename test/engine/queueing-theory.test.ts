import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import { EventQueue } from '../../sim/engine/event-queue.ts';
import {
  erlangC,
  forkJoinMeanResponseS,
  md1,
  mg1,
  mm1,
  mmc,
  mmcWaitPercentileS,
} from '../../sim/queueing/theory.ts';

const theory = suite('queueing theory');

theory('M/M/1: known values at utilisation 0.8', () => {
  const station = mm1(8, 10);
  close(station.utilisation, 0.8);
  close(station.meanWaitS, 0.4);
  close(station.meanResponseS, 0.5);
  close(station.meanInSystem, 4);
});

theory('Erlang C: two servers, and textbook values', () => {
  // With two servers C = 2ρ²/(1 + ρ).
  for (const rho of [0.1, 0.5, 0.9, 0.999]) close(erlangC(2 * rho, 1, 2), (2 * rho * rho) / (1 + rho));
  // Three servers, offered load 2: C = 4/9. Five servers, offered load 4: 0.5541.
  close(erlangC(2, 1, 3), 4 / 9);
  close(erlangC(4, 1, 5), 0.554113, 1e-6);
});

theory('M/M/c with one server is M/M/1: everyone who finds it busy waits', () => {
  for (const rho of [0.01, 0.5, 0.99]) {
    close(erlangC(rho, 1, 1), rho);
    close(mmc(rho, 1, 1).meanWaitS, rho / (1 - rho));
  }
});

theory('M/M/c: one line before c servers waits less than c lines, and stays finite for many servers', () => {
  let before = Number.POSITIVE_INFINITY;
  for (const servers of [1, 2, 4, 64, 1000, 100_000]) {
    const { meanWaitS, meanInSystem } = mmc(0.9 * servers, 1, servers);
    assert.ok(meanWaitS < before && meanWaitS >= 0);
    assert.ok(meanInSystem >= 0.9 * servers);
    before = meanWaitS;
  }
  // Halfin–Whitt: with c = a + √a servers the share that waits tends to 1/(1 + Φ(1)/φ(1)) = 0.2234.
  const offered = 1e6;
  close(erlangC(offered, 1, offered + 1000), 0.2234, 1e-3);
});

theory('waiting percentiles: nothing below the share that does not wait, then exponential', () => {
  const waiting = erlangC(4, 1, 5);
  assert.is(mmcWaitPercentileS(0, 4, 1, 5), 0);
  assert.is(mmcWaitPercentileS(1 - waiting - 1e-6, 4, 1, 5), 0);
  close(mmcWaitPercentileS(0.99, 4, 1, 5), Math.log(waiting / 0.01) / 1);
  // M/M/1: the median wait at ρ = 0.8 is ln(0.8/0.5)/(μ - λ).
  close(mmcWaitPercentileS(0.5, 8, 10, 1), Math.log(1.6) / 2);
  const step = mmcWaitPercentileS(0.999, 4, 1, 5) - mmcWaitPercentileS(0.99, 4, 1, 5);
  close(step, Math.log(10) / (5 - 4));
});

theory('M/G/1: exponential service is M/M/1, constant service waits half as long', () => {
  for (const rho of [0.1, 0.5, 0.95]) {
    const exponential = mm1(rho, 1);
    assert.equal(rounded(mg1(rho, 1, 1)), rounded(exponential));
    close(md1(rho, 1).meanWaitS, exponential.meanWaitS / 2);
    close(mg1(rho, 1, 3).meanWaitS, 2 * exponential.meanWaitS);
  }
});

theory('no traffic, no wait; times scale with the unit', () => {
  for (const station of [mm1(1e-9, 1), mmc(1e-9, 1, 8), md1(1e-9, 1)]) {
    assert.ok(station.meanWaitS < 1e-8);
    close(station.meanResponseS, 1, 1e-8);
  }
  close(mmc(6000, 1000, 8).meanWaitS, mmc(6, 1, 8).meanWaitS / 1000);
  close(forkJoinMeanResponseS(500, 1000, 8), forkJoinMeanResponseS(0.5, 1, 8) / 1000);
});

theory('fork-join: one station, two stations exactly, no load is the maximum of n exponentials', () => {
  close(forkJoinMeanResponseS(0.5, 1, 1), 2);
  close(forkJoinMeanResponseS(0.5, 1, 2), (11.5 / 8) * 2);
  close(forkJoinMeanResponseS(1e-12, 1, 4), 1 + 1 / 2 + 1 / 3 + 1 / 4, 1e-9);
  for (let n = 1; n < 32; n++)
    assert.ok(forkJoinMeanResponseS(0.7, 1, n + 1) > forkJoinMeanResponseS(0.7, 1, n));
});

theory('fork-join: a simulation of independent draws agrees', () => {
  close(simulatedForkJoin(0.6, 2, 400_000), forkJoinMeanResponseS(0.6, 1, 2), 0.03);
  close(simulatedForkJoin(0.6, 8, 200_000) / forkJoinMeanResponseS(0.6, 1, 8), 1, 0.05);
});

theory('arguments out of range are refused', () => {
  const refused: (() => unknown)[] = [
    () => mm1(1, 1),
    () => mm1(2, 1),
    () => mm1(0, 1),
    () => mm1(-1, 1),
    () => mm1(1, Number.POSITIVE_INFINITY),
    () => mm1(Number.NaN, 1),
    () => mmc(1, 1, 0),
    () => mmc(1, 1, 1.5),
    () => mmc(3, 1, 3),
    () => mg1(0.5, 1, -1),
    () => mg1(0.5, 0, 1),
    () => md1(1, 1),
    () => mmcWaitPercentileS(1, 1, 2, 1),
    () => mmcWaitPercentileS(-0.1, 1, 2, 1),
    () => forkJoinMeanResponseS(1, 1, 2),
    () => forkJoinMeanResponseS(0.5, 1, 33),
    () => forkJoinMeanResponseS(0.5, 1, 0),
  ];
  for (const call of refused) assert.throws(call, (error: unknown) => error instanceof RangeError);
});

theory.run();

function close(actual: number, expected: number, tolerance = 1e-12): void {
  const error = Math.abs(actual - expected);
  assert.ok(error <= tolerance * Math.max(1, Math.abs(expected)), `${actual} is not close to ${expected}`);
}

function rounded(values: object): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.toPrecision(12)]));
}

/** Mean response of a fork-join of n stations with mean service 1, from the event queue. */
function simulatedForkJoin(arrivalPerS: number, n: number, requests: number): number {
  const random = new RandomStream(9, n);
  const queue = new EventQueue();
  const freeAt = new Float64Array(n);
  let sum = 0;
  queue.push(0, 0);
  for (let request = queue.pop(); request >= 0; request = queue.pop()) {
    let done = 0;
    for (let station = 0; station < n; station++) {
      freeAt[station] = Math.max(freeAt[station], queue.time) + random.exponential();
      done = Math.max(done, freeAt[station]);
    }
    sum += done - queue.time;
    if (request + 1 < requests) queue.push(queue.time + random.exponential() / arrivalPerS, request + 1);
  }
  return sum / requests;
}
