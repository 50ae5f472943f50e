import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Trace } from '../../scenarios/deployment.ts';
import type { ArrivalsSpec, LoadSpec } from '../../scenarios/load-schema.ts';
import { offeredRate, requestSource, traceRateScale } from '../../sim/workload/arrivals.ts';

const key = { seed: 1, replication: 0 };

const arrivals = suite('arrivals');

arrivals('Poisson: rate, and gaps as irregular as exponential ones', () => {
  const { rate, variation } = gapsOf({ kind: 'poisson', rate: 250 }, 40_000);
  near(rate, 250, 0.02);
  near(variation, 1, 0.02);
});

arrivals('gamma: rate, and the coefficient of variation asked for', () => {
  for (const coefficient_of_variation of [0.3, 1, 2.5]) {
    const { rate, variation } = gapsOf({ kind: 'gamma', rate: 40, coefficient_of_variation }, 40_000);
    near(rate, 40, 0.05);
    near(variation, coefficient_of_variation, 0.05);
  }
});

arrivals('deterministic: all gaps alike', () => {
  const times = timesOf({ kind: 'deterministic', rate: 8 }, 100);
  times.forEach((time, index) => {
    near(time, (index + 1) / 8, 1e-12);
  });
});

arrivals('modulated: the mean rate over its states, and burstier than Poisson', () => {
  const states = [
    { rate: 100, mean_duration: 0.5 },
    { rate: 0, mean_duration: 0.25 },
    { rate: 20, mean_duration: 0.25 },
  ];
  const spec: ArrivalsSpec = { kind: 'mmpp', states };
  assert.is(offeredRate(loadOf(spec)), 55);
  const { rate, variation } = gapsOf(spec, 100_000);
  near(rate, 55, 0.03);
  assert.ok(variation > 1.2, `${variation}`);
});

arrivals('diurnal: the mean rate, and the peak over it at a quarter of the period', () => {
  const spec: ArrivalsSpec = { kind: 'diurnal', mean_rate: 50, peak_to_mean: 1.6, period: 100, start: 0 };
  const times = timesOf(spec, 100_000);
  near(times.length / times[times.length - 1], 50, 0.02);
  const near1 = (phase: number) =>
    times.filter((time) => Math.abs(((time / 100) % 1) - phase) < 0.02).length /
    (0.04 * times[times.length - 1]);
  near(near1(0.25), 80, 0.05);
  near(near1(0.75), 20, 0.1);
  // A start shifts the phase.
  const shifted = timesOf({ ...spec, start: 25 }, 2000);
  near(shifted.filter((time) => time < 2).length, 160, 0.25);
});

arrivals('closed and serial: after the answer, and as many clients as asked for', () => {
  const closed = requestSource(loadOf({ kind: 'closed', clients: 7, think_time: 2 }), undefined, key);
  assert.is(closed.clients, 7);
  let thinking = 0;
  for (let i = 0; i < 5000; i++) {
    closed.draw(10);
    assert.ok(closed.time >= 10);
    thinking += closed.time - 10;
  }
  near(thinking / 5000, 2, 0.05);
  const serial = requestSource(loadOf({ kind: 'serial', gap: 0.5 }), undefined, key);
  assert.is(serial.clients, 1);
  serial.draw(0);
  assert.is(serial.time, 0);
  serial.draw(3);
  assert.is(serial.time, 3.5);
  assert.is(offeredRate(loadOf({ kind: 'serial', gap: 0 })), undefined);
});

arrivals('end after the requests asked for', () => {
  const source = requestSource({ ...loadOf({ kind: 'poisson', rate: 1 }), requests: 3 }, undefined, key);
  assert.equal(
    [1, 2, 3, 4].map(() => source.draw(0)),
    [true, true, true, false],
  );
});

arrivals('scale with the rate on common random numbers; sizes do not depend on it', () => {
  const [slow, fast] = [1, 4].map((rate) => requestSource(loadOf({ kind: 'poisson', rate }), undefined, key));
  for (let i = 0; i < 100; i++) {
    slow.draw(0);
    fast.draw(0);
    near(slow.time / fast.time, 4, 1e-9);
    assert.is(slow.size, fast.size);
  }
});

arrivals.run();

const traces = suite('arrivals: traces');

const trace: Trace = {
  file: 'trace.csv',
  timesS: Float64Array.of(0, 1, 1, 4),
  candidates: Int32Array.of(5, 6, 7, 8),
};

traces('are replayed as recorded', () => {
  const source = requestSource(loadOf({ kind: 'trace', file: '' }), trace, key);
  const seen = drain(source);
  assert.equal(seen.times, [0, 1, 1, 4]);
  assert.equal(seen.sizes, [5, 6, 7, 8]);
});

traces('are scaled by a factor, or to a rate', () => {
  const scaled: ArrivalsSpec = { kind: 'trace', file: '', rate_scale: 2 };
  assert.equal(drain(requestSource(loadOf(scaled), trace, key)).times, [0, 0.5, 0.5, 2]);
  // Three gaps in four seconds: 0.75 requests per second as recorded.
  const rated: ArrivalsSpec = { kind: 'trace', file: '', rate: 3 };
  assert.equal(drain(requestSource(loadOf(rated), trace, key)).times, [0, 0.25, 0.25, 1]);
  assert.is(traceRateScale(trace, rated), 4);
  near(offeredRate(loadOf(rated), trace)!, 3, 1e-12);
  near(offeredRate(loadOf(scaled), trace)!, 1.5, 1e-12);
});

traces('of a single moment have no rate to scale', () => {
  const moment = { ...trace, timesS: Float64Array.of(0), candidates: Int32Array.of(1) };
  assert.is(traceRateScale(moment, { kind: 'trace', file: '', rate: 3 }), 1);
  assert.is(offeredRate(loadOf({ kind: 'trace', file: '' }), moment), undefined);
});

traces('end with the requests asked for, or with the recording', () => {
  const load = loadOf({ kind: 'trace', file: '' });
  assert.is(drain(requestSource({ ...load, requests: 2 }, trace, key)).times.length, 2);
  assert.is(drain(requestSource({ ...load, requests: 100 }, trace, key)).times.length, 4);
});

traces.run();

function loadOf(spec: ArrivalsSpec): LoadSpec {
  return {
    arrivals: spec,
    candidates: { kind: 'lognormal', median: 100, sigma: 1, max: 6000 },
    requests: 1e6,
  };
}

function drain(source: ReturnType<typeof requestSource>): { times: number[]; sizes: number[] } {
  const seen = { times: [] as number[], sizes: [] as number[] };
  while (source.draw(0)) {
    seen.times.push(source.time);
    seen.sizes.push(source.size);
  }
  return seen;
}

function timesOf(spec: ArrivalsSpec, count: number): number[] {
  const source = requestSource(loadOf(spec), undefined, key);
  return Array.from({ length: count }, () => {
    source.draw(0);
    return source.time;
  });
}

/** Mean rate, and the coefficient of variation of the gaps. */
function gapsOf(spec: ArrivalsSpec, count: number): { rate: number; variation: number } {
  const times = timesOf(spec, count);
  const gaps = times.map((time, index) => time - (times[index - 1] ?? 0));
  const mean = times[count - 1] / count;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / count;
  return { rate: 1 / mean, variation: Math.sqrt(variance) / mean };
}

function near(value: number, expected: number, relative: number): void {
  assert.ok(Math.abs(value - expected) <= relative * expected + 1e-12, `${value}, expected ${expected}`);
}
