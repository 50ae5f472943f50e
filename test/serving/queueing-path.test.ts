import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { md1, mmc } from '../../sim/queueing/theory.ts';
import { interval } from '../../sim/statistics/interval.ts';
import { simulate, tiny } from './scenarios.ts';

const path = suite('serving path against queueing theory');

/** Mean latency of one-batch requests on a singular host with Poisson arrivals, with its interval (s). */
async function latency(workers: number, rho: number) {
  const lines = (rate: number, requests: number) =>
    tiny(`
load: {arrivals: {kind: poisson, rate: ${rate} /s}, candidates: {kind: fixed, value: 64}, requests: ${requests}}
fleet: {main: {workers: ${workers}}}
sharding: {strategy: singular}`);
  const { outcome: alone } = await simulate(lines(0.01, 50), { seed: 1, replication: 0 });
  const serviceS = alone.mean;
  const rate = (rho * workers) / serviceS;
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, (_, replication) =>
      simulate(lines(rate, 20_000), { seed: 5, replication }).then(({ outcome }) => outcome),
    ),
  );
  return {
    serviceS,
    rate,
    mean: interval(
      outcomes.map(({ mean }) => mean),
      0.999,
    ),
    outcomes,
  };
}

path('one worker and equal requests make M/D/1', async () => {
  const { serviceS, rate, mean, outcomes } = await latency(1, 0.7);
  const { meanResponseS } = md1(rate, serviceS);
  assert.ok(
    mean.low! <= meanResponseS && meanResponseS <= mean.high!,
    `${meanResponseS} in ${JSON.stringify(mean)}`,
  );
  const cores = outcomes[0].resources.find(({ group, resource }) => group === 'main' && resource === 'cores');
  assert.ok(Math.abs(cores!.offered! - 0.7) < 0.01, `${cores!.offered}`);
});

path('several workers wait less than M/M/c, more than not at all', async () => {
  const { serviceS, rate, mean } = await latency(4, 0.8);
  const exponential = mmc(rate, 1 / serviceS, 4);
  // Constant service about halves the wait of exponential service (Cosmetatos' correction is below 10 % here).
  const waitS = mean.mean - serviceS;
  assert.ok(waitS > 0.45 * exponential.meanWaitS && waitS < 0.62 * exponential.meanWaitS, `${waitS}`);
});

path.run();
