import type { RandomStream } from '../../foundation/random.ts';
import type { Shape } from '../../hardware-profiles/operators-measured.ts';
import { remembered } from './elements.ts';
import type { OperatorSpec } from './operator.ts';
import { countUpTo } from './search.ts';

/**
 * Batch Event Truncate: of each sample the first `kept` events stay. outerLengths [batch] counts the events of a sample,
 * innerLengths [features, events of all samples] the values of an event, values lie feature by feature and event by event.
 * Outputs are the same three of what stays. Every feature has as many values as every other.
 */
export const eventTruncate: OperatorSpec = {
  name: 'event-truncate',
  dataTypes: ['int32', 'fp32'],
  tensors: (dataType, shape) => {
    const { batch, features, length } = shape;
    const totals = eventTotals(shape);
    const element = dataType === 'fp32' ? 'f32' : 'i32';
    return [
      {
        name: 'outerLengths',
        role: 'input',
        element: 'i32',
        length: batch,
        make: (random) => outerLengths(random, shape),
      },
      {
        name: 'innerLengths',
        role: 'input',
        element: 'i32',
        length: features * totals.events,
        make: (random) => innerLengths(random, shape),
        edges: (random) => innerLengths(random, shape, true),
      },
      { name: 'values', role: 'input', element, length: features * totals.events * length },
      { name: 'keptOuterLengths', role: 'output', element: 'i32', length: batch },
      { name: 'keptInnerLengths', role: 'output', element: 'i32', length: features * totals.kept },
      { name: 'keptValues', role: 'output', element, length: features * totals.kept * length },
    ];
  },
  reference: (_, { kept, features }, { value, integers }) => {
    const outer = integers('outerLengths');
    const inner = integers('innerLengths');
    const events = inner.length / features;
    const stays = eventsThatStay(outer, kept);
    const placesOf = remembered((feature) => {
      const own = inner.subarray(feature * events, (feature + 1) * events);
      const starts = runningSums(own);
      return { starts, keptStarts: runningSums(stays.map((event) => own[event])) };
    });
    const valuesOfFeature = placesOf(0).starts[events];
    const keptOfFeature = placesOf(0).keptStarts[stays.length];
    return (tensor, index) => {
      if (tensor === 'keptOuterLengths') return Math.min(outer[index], kept);
      if (tensor === 'keptInnerLengths') {
        const feature = Math.floor(index / stays.length);
        return inner[feature * events + stays[index - feature * stays.length]];
      }
      const feature = Math.floor(index / keptOfFeature);
      const { starts, keptStarts } = placesOf(feature);
      const place = index - feature * keptOfFeature;
      const at = countUpTo(stays.length, (event) => keptStarts[event + 1] <= place);
      return value('values', feature * valuesOfFeature + starts[stays[at]] + (place - keptStarts[at]));
    };
  },
  tolerance: () => 0,
};

/** Events of all samples, and those of them that stay. Samples have 0 … `events` of them, evenly spread, one has all. */
export function eventTotals({ batch, events, kept }: Shape): { events: number; kept: number } {
  const totals = { events: 0, kept: 0 };
  for (let sample = 0; sample < batch; sample++) {
    const own = eventsOf(sample, batch, events);
    totals.events += own;
    totals.kept += Math.min(own, kept);
  }
  return totals;
}

function eventsOf(sample: number, batch: number, events: number): number {
  return Math.floor((events * (sample + 1)) / batch);
}

function outerLengths(random: RandomStream, { batch, events }: Shape): Int32Array {
  const lengths = Int32Array.from({ length: batch }, (_, sample) => eventsOf(sample, batch, events));
  for (let i = batch - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [lengths[i], lengths[other]] = [lengths[other], lengths[i]];
  }
  return lengths;
}

/**
 * Values of each event: 0 … 2·length. Events that stay and events that go come in pairs that together have 2·length, so
 * that what stays has the same size whatever was drawn. `allOrNone`: an event of a pair has all of them, the other none.
 */
function innerLengths(random: RandomStream, shape: Shape, allOrNone = false): Int32Array {
  const { kept, features, length } = shape;
  const outer = outerLengths(random, shape);
  const lengths: number[] = [];
  const addPairs = (count: number) => {
    for (let i = 0; i + 1 < count; i += 2) {
      const first = allOrNone ? 2 * length * random.below(2) : random.below(2 * length + 1);
      lengths.push(first, 2 * length - first);
    }
    if (count % 2 === 1) lengths.push(length);
  };
  for (let feature = 0; feature < features; feature++) {
    for (const own of outer) {
      addPairs(Math.min(own, kept));
      addPairs(Math.max(0, own - kept));
    }
  }
  return Int32Array.from(lengths);
}

/** Places of the events that stay among all. */
function eventsThatStay(outer: Int32Array, kept: number): number[] {
  const stays: number[] = [];
  let first = 0;
  for (const own of outer) {
    for (let event = 0; event < Math.min(own, kept); event++) stays.push(first + event);
    first += own;
  }
  return stays;
}

/** 0 and the sums up to each. */
function runningSums(lengths: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(lengths.length + 1);
  for (let i = 0; i < lengths.length; i++) sums[i + 1] = sums[i] + lengths[i];
  return sums;
}
