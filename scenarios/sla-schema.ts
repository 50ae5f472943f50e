import { mapping, oneOf, quantity } from '../foundation/schema.ts';

/** The latency that must be kept, and by which share of the requests. */
export const slaSchema = mapping({
  percentile: oneOf(['p50', 'p90', 'p95', 'p99', 'p99.9']).prefault('p99'),
  latency: quantity('time', { positive: true }),
});
