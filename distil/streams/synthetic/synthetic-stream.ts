import { RandomStream } from '../../../foundation/random.ts';
import { checkStream, type StreamReport } from '../check.ts';
import { type ExampleStream, secondsPerDay } from '../stream.ts';
import type { SyntheticOptions } from './options.ts';
import { probabilityOf, purposes, type World, worldOf } from './world.ts';

/** A stream of which all is known. */
export interface SyntheticStream {
  stream: ExampleStream;
  report: StreamReport;
  world: World;
  /** truth[task][row]: the probability that the label was drawn with; nobody predicts better. */
  truth: Float32Array[];
  /** The vertical where an example arose; another may share it. */
  home: Uint8Array;
}

/** Few ids have most of the traffic: the share of the first x of them is √x. */
const skew = 2;

/**
 * Draws a stream. The fields are `f0`, `f1`, … and `vertical`, the one where the example arose; the verticals `v0`,
 * `v1`, …; impressions are spread evenly over each day.
 */
export function syntheticStream(options: SyntheticOptions): SyntheticStream {
  const world = worldOf(options);
  const { stream, home } = trafficOf(options);
  const ids = stream.fields.slice(0, options.cardinalities.length).map((field) => field.ids);
  const truth = options.tasks.map(() => new Float32Array(stream.size));
  for (const [task, { labels, delayS }] of stream.tasks.entries()) {
    const random = new RandomStream(options.seed, purposes.labels, task);
    const meanDelayS = options.tasks[task].mean_delay_s;
    for (let row = 0; row < stream.size; row++) {
      const day = Math.floor(row / options.examples_per_day);
      const view = { task, day, seesVerticals: true, logitShift: 0 };
      truth[task][row] = probabilityOf(world, view, ids, row, home[row]);
      labels[row] = random.uniform() < truth[task][row] ? 1 : 0;
      delayS[row] = meanDelayS * random.exponential();
    }
  }
  return { stream, report: checkStream(stream), world, truth, home };
}

/** Who sees what and when, with labels yet to be drawn. */
function trafficOf(options: SyntheticOptions): { stream: ExampleStream; home: Uint8Array } {
  const { seed, days, examples_per_day, cardinalities, verticals, overlap, tasks } = options;
  const size = days * examples_per_day;
  const random = new RandomStream(seed, purposes.traffic);
  const impressionS = new Float64Array(size);
  const home = new Uint8Array(size);
  const members = new Uint32Array(size);
  const ids = cardinalities.map(() => new Int32Array(size));
  for (let row = 0; row < size; row++) {
    impressionS[row] = (secondsPerDay * (row + random.uniform())) / examples_per_day;
    for (let field = 0; field < ids.length; field++)
      ids[field][row] = Math.floor(cardinalities[field] * random.uniform() ** skew);
    home[row] = random.below(verticals);
    members[row] = 1 << home[row];
    const isShared = random.uniform() < overlap;
    if (isShared && verticals > 1)
      members[row] |= 1 << ((home[row] + 1 + random.below(verticals - 1)) % verticals);
  }
  const names = Array.from({ length: verticals }, (_, v) => `v${v}`);
  const stream: ExampleStream = {
    name: 'synthetic',
    size,
    impressionS,
    fields: [
      ...ids.map((column, field) => ({ name: `f${field}`, ids: column, cardinality: cardinalities[field] })),
      { name: 'vertical', ids: Int32Array.from(home), cardinality: verticals, values: names },
    ],
    tasks: tasks.map(({ name }) => ({
      name,
      labels: new Uint8Array(size),
      delayS: new Float32Array(size),
    })),
    verticals: names,
    members,
  };
  return { stream, home };
}
