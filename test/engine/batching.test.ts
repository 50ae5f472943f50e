import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import { Executor } from '../../sim/engine/executor.ts';
import type { JobSource } from '../../sim/engine/job.ts';
import type { TaskGraph } from '../../sim/engine/task-graph.ts';
import { compute, graphOf, group, sum, wait, work } from './graphs.ts';
import { type BatchRun, referenceBatches } from './reference-batching.ts';

fc.configureGlobal({ includeErrorInReport: true });

const batching = 2;

interface Batch {
  jobs: number[];
  parts: number[];
  start: number;
}

interface Run extends BatchRun {
  executor: Executor;
  paths: number[][];
  batches: Batch[];
}

interface Station {
  servers?: number;
  replicas?: number;
  maxItems: number;
  maxWaitS?: number;
  /** Seconds of a batch of so many items. */
  serviceS: (items: number) => number;
}

function jobsOf(arrivals: readonly number[], sizes: readonly number[]): JobSource {
  let next = 0;
  return {
    time: 0,
    size: 1,
    draw() {
      if (next === arrivals.length) return false;
      this.time = arrivals[next];
      this.size = sizes[next++];
      return true;
    },
  };
}

/** Serves jobs in batches on one pool. */
function run(
  arrivals: readonly number[],
  sizes: readonly number[],
  { servers = 1, replicas = 1, maxItems, maxWaitS = 0, serviceS }: Station,
): Run {
  const graph: TaskGraph = {
    ...graphOf([group({ replicas, pools: [{ name: 'servers', servers }] })], [compute([])]),
    components: ['wait', 'work', 'batching'],
  };
  const result: Omit<Run, 'executor'> = { latencies: [], paths: [], batches: [] };
  const executor: Executor = new Executor(
    graph,
    jobsOf(arrivals, sizes),
    {
      instances: () => assert.unreachable('batched jobs have parts') as never,
      fill(members, _entry, target, offset) {
        const jobs = [...members.jobIndex.subarray(0, members.count)];
        const parts = [...members.part.subarray(0, members.count)];
        const items = jobs.map((job, at) => {
          assert.is(members.size[at], sizes[job]);
          return Math.min(maxItems, sizes[job] - parts[at] * maxItems);
        });
        assert.ok(sum(items) <= maxItems, `${sum(items)} items in a batch of ${maxItems}`);
        result.batches.push({ jobs, parts, start: executor.now });
        target[offset] = serviceS(sum(items));
      },
    },
    {
      jobDone(job, _arrival, latency, path) {
        assert.is(result.latencies[job], undefined, `job ${job} is done twice`);
        result.latencies[job] = latency;
        result.paths[job] = [...path];
      },
    },
    { seed: 1, batching: { entry: 0, maxItems, maxWaitS, component: batching } },
  );
  executor.run();
  return { executor, ...result };
}

const forms = suite('batching: closed forms');

forms('without waiting, a free server takes a job at once and alone', () => {
  const { latencies, batches } = run([0, 5, 10], [3, 1, 4], { maxItems: 100, serviceS: (n) => n });
  assert.equal(latencies, [3, 1, 4]);
  assert.is(batches.length, 3);
});

forms('whoever comes while the server is busy is served together next', () => {
  const { latencies, batches, paths } = run([0, 1, 2, 3], [1, 1, 1, 1], { maxItems: 100, serviceS: () => 4 });
  assert.equal(latencies, [4, 7, 6, 5]);
  assert.equal(
    batches.map(({ jobs }) => jobs),
    [[0], [1, 2, 3]],
  );
  // Nobody waits for a batch, all wait for the server.
  assert.equal(paths[1], [3, 4, 0]);
  assert.equal(paths[3], [1, 4, 0]);
});

forms('at light load the oldest waits its limit, and the others what is left of it', () => {
  const { latencies, paths } = run([0, 2, 50], [1, 1, 1], { maxItems: 9, maxWaitS: 10, serviceS: () => 4 });
  assert.equal(latencies, [14, 12, 14]);
  assert.equal(paths, [
    [0, 4, 10],
    [0, 4, 8],
    [0, 4, 10],
  ]);
});

forms('a full batch does not wait, and one that leaves no room counts as full', () => {
  const station = { maxItems: 5, maxWaitS: 10, serviceS: () => 1 };
  const full = run([0, 1], [2, 3], station);
  assert.equal(full.latencies, [2, 1]);
  // The third job has no room beside the others: these start when it comes.
  const crowded = run([0, 1, 3], [2, 2, 2], station);
  assert.equal(crowded.latencies, [4, 3, 11]);
  assert.equal(crowded.paths[0], [0, 1, 3]);
});

forms('a batch that is due but has no server still takes members', () => {
  const { batches, paths, latencies } = run([0, 5, 8], [1, 1, 1], {
    maxItems: 9,
    maxWaitS: 2,
    serviceS: () => 10,
  });
  assert.equal(
    batches.map(({ jobs, start }) => [jobs, start]),
    [
      [[0], 2],
      [[1, 2], 12],
    ],
  );
  assert.equal(latencies, [12, 17, 14]);
  // The batch was due at 7: its first member waited 2 for it, the second came later.
  assert.equal(paths[1], [5, 10, 2]);
  assert.equal(paths[2], [4, 10, 0]);
});

forms('a job larger than a batch is split, and ends with its last part', () => {
  const { batches, latencies } = run([0], [25], { maxItems: 10, serviceS: (n) => n });
  assert.equal(
    batches.map(({ parts }) => parts),
    [[0], [1], [2]],
  );
  assert.equal(latencies, [25]);
});

forms('replicas form batches of their own', () => {
  const { batches } = run([0, 0, 0, 0], [1, 1, 1, 1], {
    replicas: 2,
    maxItems: 2,
    maxWaitS: 1,
    serviceS: () => 1,
  });
  assert.equal(
    batches.map(({ jobs }) => jobs),
    [
      [0, 2],
      [1, 3],
    ],
  );
});

forms('full batches at overload: capacity is their size over their time', () => {
  const jobs = 20_000;
  const arrivals = Array.from({ length: jobs }, (_, job) => job * 1e-4);
  const { executor } = run(
    arrivals,
    arrivals.map(() => 10),
    { servers: 3, maxItems: 500, serviceS: (n) => 0.1 + n / 1000 },
  );
  // Three servers at 500 items each 0.6 s.
  const perS = (jobs * 10) / executor.now;
  assert.ok(Math.abs(perS / ((3 * 500) / 0.6) - 1) < 0.01, `${perS}`);
});

forms.run();

const reference = suite('batching: against an independent simulation');

/** Poisson arrivals of jobs of random sizes. */
function poisson(jobs: number, ratePerS: number, largest: number, seed: number) {
  const random = new RandomStream(seed);
  let now = 0;
  const arrivals = Array.from({ length: jobs }, () => {
    now += random.exponential() / ratePerS;
    return now;
  });
  return { arrivals, sizes: arrivals.map(() => 1 + random.below(largest)) };
}

reference('every latency is the same, for any load, limit and number of servers', () => {
  fc.assert(
    fc.property(
      fc.record({
        ratePerS: fc.double({ min: 0.1, max: 30, noNaN: true }),
        largest: fc.integer({ min: 1, max: 40 }),
        servers: fc.integer({ min: 1, max: 3 }),
        maxItems: fc.integer({ min: 1, max: 60 }),
        maxWaitS: fc.constantFrom(0, 0.05, 0.5, 5),
        fixedS: fc.double({ min: 0, max: 1, noNaN: true }),
        seed: fc.nat(1e6),
      }),
      ({ ratePerS, largest, seed, fixedS, ...station }) => {
        const { arrivals, sizes } = poisson(150, ratePerS, largest, seed);
        const serviceS = (items: number) => fixedS + items * 0.01;
        const expected = referenceBatches(arrivals, sizes, { ...station, serviceS });
        const found = run(arrivals, sizes, { ...station, serviceS });
        expected.latencies.forEach((latency, job) => {
          assert.ok(
            Math.abs(found.latencies[job] - latency) < 1e-9 * (1 + arrivals[job] + latency),
            `job ${job}: ${found.latencies[job]}, expected ${latency}`,
          );
        });
      },
    ),
    { numRuns: 300, seed: 3 },
  );
});

reference('bulk service M/D[1,b]/1: the mean of the whole queue', () => {
  const { arrivals, sizes } = poisson(20_000, 12, 1, 7);
  const station = { servers: 1, maxItems: 16, maxWaitS: 0, serviceS: () => 1 };
  const mean = (values: readonly number[]) => sum(values) / values.length;
  const found = mean(run(arrivals, sizes, station).latencies);
  const expected = mean(referenceBatches(arrivals, sizes, station).latencies);
  assert.ok(Math.abs(found / expected - 1) < 1e-9, `${found}, expected ${expected}`);
  // At ρ = 12 / 16 it waits more than a service and less than a few.
  assert.ok(found > 1.4 && found < 3, `${found}`);
});

reference.run();

const invariants = suite('batching: invariants');

const station = fc.record({
  servers: fc.integer({ min: 1, max: 3 }),
  replicas: fc.integer({ min: 1, max: 3 }),
  maxItems: fc.integer({ min: 1, max: 50 }),
  maxWaitS: fc.constantFrom(0, 0.1, 2),
});
const drawn = fc.record({
  station,
  ratePerS: fc.constantFrom(0.5, 5, 50),
  largest: fc.constantFrom(1, 20, 120),
  seed: fc.nat(1e6),
});

function forAnyRun(
  check: (run: Run, jobs: { arrivals: number[]; sizes: number[] }, maxItems: number) => void,
) {
  fc.assert(
    fc.property(drawn, ({ station, ratePerS, largest, seed }) => {
      const jobs = poisson(80, ratePerS, largest, seed);
      const found = run(jobs.arrivals, jobs.sizes, { ...station, serviceS: (n) => 0.2 + n / 100 });
      check(found, jobs, station.maxItems);
    }),
    { numRuns: 150, seed: 11 },
  );
}

invariants('conservation: every job is done once, and each of its parts is in one batch', () => {
  forAnyRun(({ executor, latencies, batches }, { sizes }, maxItems) => {
    const { drawn: drawnJobs, arrived, completed, inSystem } = executor.population;
    assert.equal([drawnJobs, arrived, completed, inSystem], [80, 80, 80, 0]);
    assert.is(latencies.filter((latency) => latency >= 0).length, 80);
    const seen = batches.flatMap(({ jobs, parts }) => jobs.map((job, at) => `${job}.${parts[at]}`));
    assert.is(new Set(seen).size, seen.length);
    assert.is(seen.length, sum(sizes.map((size) => Math.ceil(size / maxItems))));
  });
});

invariants('causality: nobody is in a batch that started before it came', () => {
  forAnyRun(({ batches }, { arrivals }) => {
    for (const { jobs, start } of batches) assert.ok(jobs.every((job) => arrivals[job] <= start));
  });
});

invariants("Little's law, and paths that add up without a negative part", () => {
  forAnyRun(({ executor, latencies, paths }) => {
    const total = sum(latencies);
    assert.ok(Math.abs(executor.population.inSystemArea - total) < 1e-9 * (1 + total));
    paths.forEach((path, job) => {
      assert.ok(Math.abs(sum(path) - latencies[job]) < 1e-9 * (1 + latencies[job]));
      assert.ok(
        path.every((seconds) => seconds > -1e-12),
        `${path}`,
      );
      assert.ok(path[wait] >= -1e-12 && path[work] > 0);
    });
  });
});

invariants('determinism: the same jobs give the same run', () => {
  const { arrivals, sizes } = poisson(300, 20, 30, 5);
  const options = { replicas: 3, maxItems: 64, maxWaitS: 0.1, serviceS: (n: number) => n / 50 };
  const [first, again] = [run(arrivals, sizes, options), run(arrivals, sizes, options)];
  assert.equal(first.latencies, again.latencies);
  assert.equal(first.batches, again.batches);
});

invariants.run();
