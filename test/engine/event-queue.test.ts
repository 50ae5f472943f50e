import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import { EventQueue } from '../../sim/engine/event-queue.ts';
import { HeapQueue } from '../../sim/engine/heap-queue.ts';
import { WheelQueue } from '../../sim/engine/wheel-queue.ts';

type Queue = HeapQueue | WheelQueue | EventQueue;
const QUEUES: [string, new () => Queue][] = [
  ['heap', HeapQueue],
  ['wheel', WheelQueue],
  ['adaptive', EventQueue],
];

/** Delay shapes: each draws one delay; `i` counts the draws. */
const SHAPES: Record<string, (random: RandomStream, i: number) => number> = {
  exponential: (random) => random.exponential(),
  uniform: (random) => random.uniform(),
  constant: () => 1,
  'integer ticks': (random) => 1 + random.below(10),
  'bimodal, 9 decades apart': (random) => random.exponential() * (random.below(2) === 0 ? 1e-9 : 1),
  'Pareto, no mean': (random) => random.uniform() ** -2,
  'half zeros': (random) => (random.below(2) === 0 ? 0 : random.exponential()),
  'all zeros': () => 0,
  'nearly all zeros': (random) => (random.below(100) === 0 ? 1 : 0),
  mixture: (random, i) => Object.values(SIMPLE)[i % 4](random),
  'far future': (random) => (random.below(50) === 0 ? 1e15 * random.uniform() : random.exponential()),
  'log-uniform over 60 decades': (random) => 10 ** (60 * random.uniform() - 40),
  'tiny unit': (random) => random.exponential() * 1e-290,
  'huge unit': (random) => random.exponential() * 1e290,
};
const SIMPLE = {
  exponential: (random: RandomStream) => random.exponential(),
  zero: () => 0,
  tick: (random: RandomStream) => random.below(3),
  rare: (random: RandomStream) => 1e3 * random.uniform(),
};
/** Shapes that depend on the clock: the delay from `now`. */
const CLUSTERED: Record<string, (random: RandomStream, now: number) => number> = {
  'clusters at whole numbers': (random, now) => Math.floor(now) + 1 - now + 1e-6 * random.uniform(),
  'two clusters': (random, now) => Math.floor(now) + 1 - now + 1e-6 * random.uniform() + random.below(2) / 2,
  'rate falls a thousandfold again and again': (random, now) =>
    random.exponential() * (Math.floor(Math.log2(now + 1)) % 2 === 0 ? 1 : 1e-3),
};
const delayOf = { ...CLUSTERED } as Record<string, (random: RandomStream, now: number, i: number) => number>;
for (const [name, shape] of Object.entries(SHAPES)) delayOf[name] = (random, _now, i) => shape(random, i);

const order = suite('event queue: order');

for (const [name, Kind] of QUEUES) {
  order(`${name}: pops of any sequence of calls match a sorted list`, () => {
    const call = fc.oneof(
      { weight: 6, arbitrary: fc.record({ op: fc.constant('push'), delay: delays() }) },
      { weight: 5, arbitrary: fc.record({ op: fc.constant('pop'), delay: fc.constant(0) }) },
      { weight: 1, arbitrary: fc.record({ op: fc.constant('peek'), delay: fc.constant(0) }) },
      { weight: 1, arbitrary: fc.record({ op: fc.constant('burst'), delay: delays() }) },
      { weight: 1, arbitrary: fc.record({ op: fc.constant('drain'), delay: fc.constant(0) }) },
    );
    fc.assert(
      fc.property(fc.array(call, { maxLength: 400, size: 'max' }), (calls) => {
        const queue = new Kind();
        const list = new SortedList();
        for (const { op, delay } of calls) {
          if (op === 'push') pushBoth(queue, list, delay);
          else if (op === 'pop') popBoth(queue, list);
          else if (op === 'peek') assert.is(queue.peekTime(), list.peekTime());
          else if (op === 'burst') for (let i = 0; i < 90; i++) pushBoth(queue, list, delay * ((i * 7) % 5));
          else for (let i = 0; i < 80; i++) popBoth(queue, list);
        }
        while (list.events.length > 0) popBoth(queue, list);
        popBoth(queue, list);
      }),
      { numRuns: 300, seed: 20240607 },
    );
  });

  order(`${name}: simultaneous events leave in the order pushed, also when pushed at their time`, () => {
    const queue = new Kind();
    for (let i = 0; i < 1000; i++) queue.push(5 + (i % 2), i);
    for (let i = 0; i < 500; i++) {
      assert.is(queue.pop(), 2 * i);
      queue.push(5, 10_000 + i);
    }
    for (let i = 0; i < 500; i++) assert.is(queue.pop(), 10_000 + i);
    assert.is(queue.time, 5);
    for (let i = 0; i < 500; i++) assert.is(queue.pop(), 2 * i + 1);
    assert.is(queue.pop(), -1);
    assert.is(queue.time, 6);
  });

  order(`${name}: an empty queue gives -1 and Infinity; clear sets the clock to 0`, () => {
    const queue = new Kind();
    for (let round = 0; round < 3; round++) {
      assert.is(queue.pop(), -1);
      assert.is(queue.peekTime(), Number.POSITIVE_INFINITY);
      assert.is(queue.size, 0);
      for (let i = 0; i < 300; i++) queue.push((i * 31) % 97, i);
      for (let i = 0; i < 100; i++) queue.pop();
      assert.is(queue.size, 200);
      queue.clear();
      assert.is(queue.time, 0);
    }
  });

  order(`${name}: peeking ahead does not hide events pushed before the peeked one`, () => {
    const queue = new Kind();
    const list = new SortedList();
    for (let i = 0; i < 200; i++) pushBoth(queue, list, 1000 + i);
    assert.is(queue.peekTime(), 1000);
    const random = new RandomStream(3);
    for (let i = 0; i < 500; i++) pushBoth(queue, list, 900 * random.uniform());
    while (list.events.length > 0) {
      assert.is(queue.peekTime(), list.peekTime());
      popBoth(queue, list);
    }
  });
}

for (const name of Object.keys(delayOf)) {
  order(`holds agree bit for bit between heap, wheel and adaptive: ${name}`, () => {
    for (const pending of [5, 40, 1000, 20_000]) {
      const holds = pending === 1000 ? 100_000 : 20_000;
      const expected = holdDigest(new HeapQueue(), name, pending, holds);
      assert.equal(holdDigest(new WheelQueue(), name, pending, holds), expected, `wheel, ${pending}`);
      assert.equal(holdDigest(new EventQueue(), name, pending, holds), expected, `adaptive, ${pending}`);
    }
  });

  order(`pending events that swell and shrink agree with the heap: ${name}`, () => {
    assert.equal(tideDigest(new WheelQueue(), name), tideDigest(new HeapQueue(), name));
    assert.equal(tideDigest(new EventQueue(), name), tideDigest(new HeapQueue(), name));
  });
}

order('a million pending events leave in order', () => {
  const random = new RandomStream(11);
  const queue = new EventQueue();
  for (let i = 0; i < 1e6; i++) queue.push(Math.floor(1e5 * random.exponential()), i);
  let time = -1;
  let payload = -1;
  for (let i = 0; i < 1e6; i++) {
    const next = queue.pop();
    if (queue.time < time || (queue.time === time && next < payload)) assert.unreachable('out of order');
    time = queue.time;
    payload = next;
  }
  assert.is(queue.pop(), -1);
});

order('the heap keeps ties when its sequence numbers start anew', () => {
  const queue = new HeapQueue();
  for (let i = 0; i < 20; i++) queue.push(1 + (i % 2), i);
  queue.pop();
  Object.assign(queue, { sequence: 2 ** 31 - 4 });
  for (let i = 20; i < 40; i++) queue.push(1 + (i % 2), i);
  assert.is(queue.time, 1);
  for (let i = 2; i < 40; i += 2) assert.is(queue.pop(), i);
  for (let i = 1; i < 40; i += 2) assert.is(queue.pop(), i);
});

order.run();

const effort = suite('event queue: work of the wheel');

for (const name of Object.keys(delayOf)) {
  effort(`stays small per event: ${name}`, () => {
    for (const pending of [100, 3000, 30_000]) {
      const queue = new WheelQueue();
      const holds = 5 * pending + 50_000;
      holdDigest(queue, name, pending, holds);
      const perEvent = queue.work / (holds + pending);
      // A heap of this size walks log2(pending) levels of two; the wheel must never do worse by much.
      const bound = 8 + 1.5 * Math.log2(pending);
      assert.ok(perEvent < bound, `${perEvent.toFixed(1)} moves per event with ${pending} pending`);
    }
  });
}

effort('finds a width in a few moves per event for exponential delays', () => {
  const queue = new WheelQueue();
  holdDigest(queue, 'exponential', 10_000, 100_000);
  const before = queue.work;
  holdDigest(queue, 'exponential', 0, 100_000);
  assert.ok((queue.work - before) / 100_000 < 10);
});

effort.run();

/** Reference: a list kept sorted, new events after their equals. */
class SortedList {
  events: { time: number; payload: number }[] = [];
  now = 0;
  pushed = 0;

  push(time: number): number {
    let at = this.events.length;
    while (at > 0 && this.events[at - 1].time > time) at--;
    this.events.splice(at, 0, { time, payload: this.pushed });
    return this.pushed++;
  }

  pop(): number {
    const first = this.events.shift();
    if (first === undefined) return -1;
    this.now = first.time;
    return first.payload;
  }

  peekTime(): number {
    return this.events[0]?.time ?? Number.POSITIVE_INFINITY;
  }
}

function pushBoth(queue: Queue, list: SortedList, delay: number): void {
  queue.push(list.now + delay, list.push(list.now + delay));
}

function popBoth(queue: Queue, list: SortedList): void {
  assert.is(queue.pop(), list.pop());
  assert.is(queue.time, list.now);
  assert.is(queue.size, list.events.length);
}

function delays(): fc.Arbitrary<number> {
  return fc.oneof(
    fc.constant(0),
    fc.constant(1),
    fc.integer({ min: 0, max: 5 }),
    fc.double({ min: 0, max: 10, noNaN: true }),
    fc.double({ min: 0, max: 1e-9, noNaN: true }),
    fc.double({ min: 1e6, max: 1e12, noNaN: true }),
  );
}

/** A rolling hash of the payloads popped, with the sum of the times popped. */
class Digest {
  hash = 0;
  sum = 0;

  add(time: number, payload: number): void {
    this.hash = (Math.imul(this.hash, 31) + payload) | 0;
    this.sum += time;
  }
}

/** Pops and pushes back with a new delay, `holds` times. */
function holdDigest(queue: Queue, shape: string, pending: number, holds: number): Digest {
  const random = new RandomStream(5, pending);
  const digest = new Digest();
  const delay = delayOf[shape];
  for (let i = 0; i < pending; i++) queue.push(queue.time + delay(random, queue.time, i), i);
  for (let i = 0; i < holds; i++) {
    const payload = queue.pop();
    digest.add(queue.time, payload);
    queue.push(queue.time + delay(random, queue.time, i), payload);
  }
  return digest;
}

/** Swells to about 3000 pending events and drains again, a few times, so that the structure changes. */
function tideDigest(queue: Queue, shape: string): Digest {
  const random = new RandomStream(6);
  const digest = new Digest();
  const delay = delayOf[shape];
  for (let tide = 0; tide < 6; tide++) {
    for (let i = 0; i < 3000 + 37 * tide; i++) {
      queue.push(queue.time + delay(random, queue.time, i), i);
      if (i % 3 === 0) digest.add(queue.time, queue.pop());
    }
    while (queue.size > tide) digest.add(queue.time, queue.pop());
  }
  return digest;
}
