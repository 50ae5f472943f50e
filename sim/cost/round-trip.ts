import type { RandomStream } from '../../foundation/random.ts';
import type { Network } from '../../hardware-profiles/profile.ts';
import { normalQuantile } from '../statistics/student.ts';

/** The 99th percentile of the standard normal distribution. */
const z99 = normalQuantile(0.99);

/**
 * Round-trip times of an empty message: a minimum plus a log-normal part that meets the profile's median and
 * p99. Returns a sampler in seconds; a network whose minimum is its median and p99 is constant.
 */
export function roundTripSampler({ roundTrip }: Network): (random: RandomStream) => number {
  const minimum = roundTrip.minimumS.value;
  const median = roundTrip.medianS.value - minimum;
  const tail = roundTrip.p99S.value - minimum;
  if (median <= 0) return () => minimum;
  const mu = Math.log(median);
  const sigma = Math.log(tail / median) / z99;
  return (random) => minimum + Math.exp(mu + sigma * random.normal());
}
