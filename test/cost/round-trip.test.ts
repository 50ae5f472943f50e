import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import { loadNetwork } from '../../hardware-profiles/files.ts';
import type { Network } from '../../hardware-profiles/profile.ts';
import { roundTripSampler } from '../../sim/cost/round-trip.ts';

const roundTrip = suite('round trip');

for (const name of ['datacentre-tcp', 'datacentre-rdma', 'localhost']) {
  roundTrip(`${name}: meets its minimum, median and p99`, () => {
    const network = loadNetwork(name);
    const { minimumS, medianS, p99S } = network.roundTrip;
    const sample = roundTripSampler(network);
    const random = new RandomStream(1);
    const drawn = Float64Array.from({ length: 100_000 }, () => sample(random)).sort();
    assert.ok(drawn[0] > minimumS.value);
    near(drawn[50_000], medianS.value, 0.02);
    near(drawn[99_000], p99S.value, 0.04);
  });
}

roundTrip('is constant where minimum, median and p99 agree', () => {
  const sample = roundTripSampler(network(5e-5, 5e-5, 5e-5));
  const random = new RandomStream(1);
  for (let i = 0; i < 10; i++) assert.is(sample(random), 5e-5);
});

roundTrip('without a tail is its median', () => {
  const sample = roundTripSampler(network(0, 1e-4, 1e-4));
  near(sample(new RandomStream(1)), 1e-4, 1e-12);
});

roundTrip.run();

function network(minimum: number, median: number, p99: number): Network {
  const base = loadNetwork('datacentre-tcp');
  const timed = (value: number) => ({ ...base.roundTrip.medianS, value });
  return { ...base, roundTrip: { minimumS: timed(minimum), medianS: timed(median), p99S: timed(p99) } };
}

function near(value: number, expected: number, relative: number): void {
  assert.ok(Math.abs(value / expected - 1) <= relative, `${value}, expected ${expected}`);
}
