import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { simulateStation } from '../../sim/queueing/station.ts';
import {
  erlangC,
  forkJoinMeanResponseS,
  mg1,
  mm1,
  mmc,
  mmcWaitPercentileS,
} from '../../sim/queueing/theory.ts';
import { type Check, type CheckRequest, checkQueueing } from '../../sim/queueing/validation.ts';

/** Fixed: a 95 % interval misses the truth for one seed in twenty. */
const seed = 3;

const simulated = suite('queueing: the executor against closed forms');

const cases: Omit<CheckRequest, 'seed'>[] = [
  { models: ['mm1'], utilisations: [0.5, 0.8] },
  { models: ['mmc'], servers: 10, utilisations: [0.8] },
  { models: ['md1'], utilisations: [0.8] },
  { models: ['mg1'], utilisations: [0.5] },
  { models: ['forkjoin'], servers: 2, utilisations: [0.5] },
];

for (const request of cases) {
  simulated(`${request.models} at ${request.utilisations}: theory inside the interval`, () => {
    for (const row of checkQueueing({ ...request, seed })) {
      assert.ok(row.holds, describe(row));
      assert.is(row.isApproximation, false);
      assert.ok(row.simulated.low! < row.simulated.mean && row.simulated.mean < row.simulated.high!);
      // An interval that is too wide to contradict anything would prove nothing.
      assert.ok(row.simulated.high! - row.simulated.low! < 0.15 * row.theoryS, describe(row));
      assert.ok(row.littleError < 1e-9, `Little's law: ${row.littleError}`);
      assert.ok(Math.abs(row.measuredUtilisation - row.utilisation) < 0.01, describe(row));
    }
  });
}

simulated('a wide fork-join is near its approximation, and says that it is one', () => {
  const [row] = checkQueueing({ models: ['forkjoin'], servers: 4, utilisations: [0.3], seed });
  assert.is(row.isApproximation, true);
  assert.ok(row.holds, describe(row));
});

simulated('a wrong theory is caught: M/M/1 is not M/D/1', () => {
  const [row] = checkQueueing({ models: ['mm1'], utilisations: [0.8], seed });
  const half = mm1(0.8, 1).meanWaitS / 2;
  assert.ok(half < row.simulated.low!);
});

simulated('rows share their error: more rows, wider intervals', () => {
  const level = (utilisations: number[]) =>
    [...checkQueueing({ models: ['md1'], utilisations, seed })][0].level;
  assert.is(level([0.3]), 0.95);
  assert.is(level([0.3, 0.4]), 0.975);
});

simulated('the same key gives the same station, another key another', () => {
  const station = { servers: 2, branches: 1, service: 'exponential', utilisation: 0.5 } as const;
  const run = (replication: number) =>
    simulateStation(station, { customers: 500, warmUp: 50 }, [1, replication]);
  assert.equal(run(0), run(0));
  assert.is.not(run(0).meanWaitS, run(1).meanWaitS);
});

simulated.run();

const edges = suite('queueing: edges of the closed forms');

edges('an almost empty station hardly waits, an almost full one almost for ever', () => {
  assert.ok(mm1(1e-9, 1).meanWaitS < 2e-9);
  assert.ok(mm1(1 - 1e-9, 1).meanWaitS > 9e8);
  assert.ok(erlangC(1e-6, 1, 50) < 1e-100 * 1e-100 || erlangC(1e-6, 1, 50) === 0);
  assert.ok(Number.isFinite(mmc(0.999999 * 1e6, 1, 1e6).meanWaitS));
});

edges('Erlang C rises with the load and falls with the servers', () => {
  for (let servers = 1; servers < 40; servers++) {
    assert.ok(erlangC(0.8, 1, servers) >= erlangC(0.8, 1, servers + 1));
    assert.ok(erlangC(0.5 * servers, 1, servers) < erlangC(0.6 * servers, 1, servers));
  }
});

edges('time has no unit: a thousand times faster is a thousandth of the wait', () => {
  near(mmc(4000, 1000, 5).meanWaitS, mmc(4, 1, 5).meanWaitS / 1000);
  near(mmcWaitPercentileS(0.99, 4000, 1000, 5), mmcWaitPercentileS(0.99, 4, 1, 5) / 1000);
  near(forkJoinMeanResponseS(500, 1000, 8), forkJoinMeanResponseS(0.5, 1, 8) / 1000);
});

edges('M/G/1 of exponential service is M/M/1; wild service waits in proportion to its variance', () => {
  near(mg1(0.7, 1, 1).meanWaitS, mm1(0.7, 1).meanWaitS);
  near(mg1(0.7, 1, 1e6).meanWaitS / mm1(0.7, 1).meanWaitS, (1 + 1e6) / 2);
});

edges('what has no steady state is refused, exactly at the limit too', () => {
  for (const act of [
    () => mm1(1, 1),
    () => mmc(10, 1, 10),
    () => mg1(2, 0.5, 1),
    () => forkJoinMeanResponseS(1, 1, 2),
    () => mm1(Number.NaN, 1),
    () => mm1(0, 1),
    () => mmc(1, 1, 1.5),
    () => mg1(0.5, 1, -0.1),
    () => forkJoinMeanResponseS(0.5, 1, 33),
    () => mmcWaitPercentileS(1, 0.5, 1, 1),
  ]) {
    assert.throws(act, (error: unknown) => error instanceof RangeError);
  }
});

edges.run();

function describe({ label, utilisation, theoryS, simulated: found, measuredUtilisation }: Check): string {
  return `${label} at ${utilisation}: theory ${theoryS} s, simulated ${found.mean} [${found.low}, ${found.high}] s, utilisation ${measuredUtilisation}`;
}

function near(value: number, expected: number): void {
  assert.ok(Math.abs(value / expected - 1) < 1e-9, `${value}, expected ${expected}`);
}
