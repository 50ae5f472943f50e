import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CompileError,
  type Kernel,
  type Launch,
  type Memory,
  OutOfMemory,
  type Program,
} from '../../harness/device.ts';
import { typescriptKernels } from '../../harness/kernels/typescript/index.ts';
import { type Failure, type MeasuredCase, measureCase, type Outcome } from '../../harness/measure.ts';
import { ReferenceDevice, type ReferenceOptions } from '../../harness/reference-device.ts';
import { freeRotation, makeRotation, plannedSets } from '../../harness/rotation.ts';
import { summarise, timeLaunches } from '../../harness/timing.ts';
import { everyCase } from './operator-cases.ts';

const gemmCase: MeasuredCase = {
  operator: 'gemm',
  dataType: 'fp32',
  shape: { m: 8, n: 16, k: 32 },
  implementation: 'reference',
};
/** 4 × (8·32 + 16·32 + 8·16) */
const gemmBytes = 3584;

const quick = { longestS: 0.005 };

function failureOf(outcome: Outcome): Failure {
  if ('failure' in outcome) return outcome.failure;
  throw new Error('it was measured');
}

const points = suite('measure: points');

points('carry what was asked, a time, and the error found', async () => {
  const device = new ReferenceDevice();
  const outcome = await measureCase(device, gemmCase, quick);
  assert.ok('point' in outcome, JSON.stringify(outcome));
  const { medianS, spread, repeats, error, ...rest } = outcome.point;
  assert.equal(rest, {
    operator: 'gemm',
    backend: 'cpu',
    implementation: 'reference',
    dataType: 'fp32',
    cores: 0,
    shape: gemmCase.shape,
    cache: 'warm',
    tolerance: 1e-5,
  });
  assert.ok(medianS > 0 && Number.isFinite(medianS));
  assert.ok(spread >= 0);
  assert.ok(repeats >= 7);
  assert.ok(error > 0 && error < 1e-6);
  assert.is(device.allocatedBytes, 0);
});

points('come of every operator and data type', async () => {
  const device = new ReferenceDevice();
  for (const each of everyCase()) {
    const outcome = await measureCase(device, each, { longestS: 0, maxSets: 2 });
    assert.ok('point' in outcome, `${each.operator} ${each.dataType}: ${JSON.stringify(outcome)}`);
  }
  assert.is(device.allocatedBytes, 0);
});

points('ask for the cores that they tell', async () => {
  const asked: (number | undefined)[] = [];
  class Cores extends ReferenceDevice {
    override async compile(program: Program): Promise<Kernel> {
      asked.push(program.cores);
      return super.compile(program);
    }
  }
  const outcome = await measureCase(new Cores(), { ...gemmCase, cores: 3 }, quick);
  assert.is('point' in outcome && outcome.point.cores, 3);
  assert.equal(asked, [3]);
});

points.run();

/** Records what is timed and tells the times that it is given. */
class Clocked extends ReferenceDevice {
  readonly timed: { launches: readonly Launch[]; warmUp: number; repeats: number }[] = [];
  private readonly seconds: (launch: Launch) => number;

  constructor(seconds: (launch: Launch) => number, options: ReferenceOptions = {}) {
    super(options);
    this.seconds = seconds;
  }

  override async time(launches: readonly Launch[], options: { warmUp: number; repeats: number }) {
    this.timed.push({ launches, ...options });
    const mean = () => launches.reduce((sum, launch) => sum + this.seconds(launch), 0) / launches.length;
    return Float64Array.from({ length: options.repeats }, mean);
  }
}

const rotation = suite('measure: rotation');

rotation('takes sets enough for two caches, and calls that cold', async () => {
  for (const [cacheBytes, sets, cache] of [
    [gemmBytes / 4, 1, 'cold'],
    [gemmBytes / 2, 2, 'cold'],
    [gemmBytes * 3, 6, 'cold'],
    [gemmBytes * 3.1, 7, 'cold'],
    [gemmBytes * 40, 32, 'warm'],
  ] as const) {
    const device = new Clocked(() => 1e-3, { cacheBytes });
    const outcome = await measureCase(device, gemmCase);
    assert.is('point' in outcome && outcome.point.cache, cache, `${cacheBytes} bytes of cache`);
    const memories = device.timed.at(-1)!.launches.map(({ tensors }) => tensors[0]);
    assert.is(new Set(memories).size, sets, `${cacheBytes} bytes of cache`);
    assert.is(device.allocatedBytes, 0);
  }
});

rotation('keeps within its share of the memory, and says that it is warm then', async () => {
  const device = new Clocked(() => 1e-3, { cacheBytes: gemmBytes * 3, memoryBytes: gemmBytes * 8 });
  const outcome = await measureCase(device, gemmCase, { memoryShare: 0.5 });
  assert.is(new Set(device.timed.at(-1)!.launches.map(({ tensors }) => tensors[0])).size, 4);
  assert.is('point' in outcome && outcome.point.cache, 'warm');
});

rotation('makes do with the sets that fit', async () => {
  const device = new Clocked(() => 1e-3, { cacheBytes: gemmBytes * 3, memoryBytes: gemmBytes * 3.5 });
  const outcome = await measureCase(device, gemmCase, { memoryShare: 100 });
  assert.ok('point' in outcome);
  assert.is(new Set(device.timed.at(-1)!.launches.map(({ tensors }) => tensors[0])).size, 3);
  assert.is(device.allocatedBytes, 0);
});

const lookups: Program = {
  operator: 'embedding-bag',
  dataType: 'fp32',
  shape: { rows: 10_000, dim: 16, pooling: 4, bags: 32, skew: 0 },
  implementation: 'reference',
};

rotation('shares a table far larger than the cache; indices are fresh', async () => {
  const device = new ReferenceDevice();
  const { sets, cache } = await makeRotation(device, lookups, { count: 4, seed: 1, cacheBytes: 8192 });
  assert.is(new Set(sets.map(({ memories }) => memories[0])).size, 1);
  assert.is(new Set(sets.map(({ memories }) => memories[1])).size, 4);
  const indices = await Promise.all(sets.map(({ memories }) => device.read(memories[1], 0, 512)));
  assert.is(new Set(indices.map((bytes) => bytes.join())).size, 4);
  assert.is(cache, 'cold', 'four times 128 rows of 64 bytes are more than 16 KiB');
  await freeRotation(device, sets);
  assert.is(device.allocatedBytes, 0);
});

rotation('makes a table of its own for each set where the cache may hold it', async () => {
  const device = new ReferenceDevice();
  const { sets } = await makeRotation(device, lookups, { count: 3, seed: 1, cacheBytes: 640_000 });
  assert.is(new Set(sets.map(({ memories }) => memories[0])).size, 3);
  const rows = await Promise.all(sets.map(({ memories }) => device.read(memories[0], 0, 64)));
  assert.is(new Set(rows.map((bytes) => bytes.join())).size, 3, 'fresh values too');
  await freeRotation(device, sets);
  assert.is(device.allocatedBytes, 0);
});

rotation('counts the rows that are read of a table, not the table', () => {
  const limits = { maxSets: 1000, memoryShare: 0.5 };
  const touched = 128 * 64 + 128 * 4 + 32 * 64;
  const memory = { cacheBytes: 60_000, memoryBytes: 1e12 };
  assert.is(plannedSets(lookups, memory, limits), Math.ceil(120_000 / touched));
});

rotation('spends no more than 64 caches on tables that it does not share', () => {
  const limits = { maxSets: 1000, memoryShare: 0.5 };
  const whole = 640_000 + 128 * 4 + 32 * 64;
  const memory = { cacheBytes: 100_000, memoryBytes: 1e12 };
  assert.is(plannedSets(lookups, memory, limits), Math.floor(6_400_000 / whole));
});

rotation.run();

const timing = suite('measure: timing');

const launchesOf = (count: number): Launch[] =>
  Array.from({ length: count }, () => ({ kernel: { program: lookups }, tensors: [] }));
const options = { longestS: 0.15, minRepeats: 7, spread: 0.02 };

timing('fills a repeat of 200 µs with whole rounds of all sets', async () => {
  const device = new Clocked(() => 3e-6);
  const launches = launchesOf(5);
  const { medianS, repeats, spread } = await timeLaunches(device, launches, options);
  const { launches: timed, warmUp } = device.timed.at(-1)!;
  assert.is(timed.length, 70, '14 rounds of 15 µs');
  timed.forEach((launch, i) => {
    assert.is(launch, launches[i % 5]);
  });
  assert.ok(warmUp >= 1);
  assert.ok(Math.abs(medianS - 3e-6) < 1e-12);
  assert.is(repeats, 7);
  assert.is(spread, 0);
});

timing('takes long launches one at a time, and still every set in turn', async () => {
  const device = new Clocked(() => 0.5);
  const launches = launchesOf(3);
  await timeLaunches(device, launches, options);
  const timed = device.timed.slice(1);
  assert.is(timed.length, 7);
  for (const { launches: each, warmUp, repeats } of timed) {
    assert.is(each.length, 1);
    assert.is(warmUp, 0);
    assert.is(repeats, 1);
  }
  assert.is(new Set(timed.map(({ launches: [launch] }) => launch)).size, 3);
});

timing('repeats until the spread is small, or there are many', async () => {
  let call = 0;
  const settling = new Clocked(() => (call++ < 20 ? 1e-3 * (1 + 0.1 * (call % 2)) : 1e-3));
  const settled = await timeLaunches(settling, launchesOf(1), { ...options, longestS: 60 });
  assert.ok(settled.repeats > 7 && settled.spread <= 0.02, JSON.stringify(settled));

  const restless = new Clocked(() => 1e-3 * (1 + 0.2 * (call++ % 2)));
  const stopped = await timeLaunches(restless, launchesOf(1), { ...options, longestS: 60 });
  assert.ok(stopped.repeats >= 200 && stopped.spread > 0.1, JSON.stringify(stopped));
});

timing('is summed up as median and interquartile range', () => {
  const { medianS, spread, repeats } = summarise([5, 1, 4, 2, 3]);
  assert.is(medianS, 3);
  assert.is(spread, 2 / 3);
  assert.is(repeats, 5);
  assert.is(summarise([1, 2]).medianS, 1.5);
  assert.throws(() => summarise([0, 0, 0]), /clock/);
  assert.throws(() => summarise([Number.NaN]), /clock/);
});

timing.run();

const failures = suite('measure: failures');

failures('a wrong answer has no time', async () => {
  const device = new Clocked(() => 1e-3, { kernels: { gemm: ([, , d]) => d.fill(1) } });
  const failure = failureOf(await measureCase(device, gemmCase));
  assert.is(failure.stage, 'wrong answer');
  assert.match(failure.reason, /^d\[\d+\] is 1 and should be .*; relative error .* 0\.00001 is allowed/);
  assert.not(failure.verdict!.ok);
  assert.is(device.timed.length, 0);
  assert.is(device.allocatedBytes, 0);
});

failures('a kernel that does not compile brings the log', async () => {
  class Compiler extends ReferenceDevice {
    override async compile(): Promise<Kernel> {
      throw new CompileError('gemm fp32', 'line 3: ; expected\nline 4: } expected');
    }
  }
  const failure = failureOf(await measureCase(new Compiler(), gemmCase));
  assert.equal(failure, {
    stage: 'compile',
    reason: 'gemm fp32 does not compile:',
    log: 'line 3: ; expected\nline 4: } expected',
  });
});

failures('what the device cannot do is unsupported', async () => {
  const failure = failureOf(await measureCase(new ReferenceDevice(), { ...gemmCase, dataType: 'int4' }));
  assert.is(failure.stage, 'unsupported');
  assert.match(failure.reason, 'gemm in int4');
});

failures('a full memory tells what was asked and what is free', async () => {
  const device = new ReferenceDevice({ memoryBytes: 2000 });
  const failure = failureOf(await measureCase(device, gemmCase));
  assert.is(failure.stage, 'memory');
  assert.is(failure.askedBytes, 2048, 'w, after a of 1024');
  assert.is(failure.freeBytes, 976);
  assert.match(failure.reason, '2048');
  assert.is(device.allocatedBytes, 0);
});

failures('a kernel that runs out of memory is a matter of memory too', async () => {
  const kernels = {
    gemm: () => {
      throw new OutOfMemory(123);
    },
  };
  const failure = failureOf(await measureCase(new ReferenceDevice({ kernels }), gemmCase));
  assert.is(failure.stage, 'memory');
  assert.is(failure.askedBytes, 123);
  assert.not('freeBytes' in failure);
});

failures('a kernel that fails leaves the device to the next case', async () => {
  let isBroken = true;
  const device = new ReferenceDevice({
    kernels: {
      gemm: (...all) => {
        if (isBroken) throw new Error('illegal instruction');
        typescriptKernels.gemm!(...all);
      },
    },
  });
  assert.equal(failureOf(await measureCase(device, gemmCase)), {
    stage: 'run',
    reason: 'illegal instruction',
  });
  assert.is(device.allocatedBytes, 0);
  isBroken = false;
  assert.ok('point' in (await measureCase(device, gemmCase, quick)));
});

failures('a device that answers no more is lost', async () => {
  class Lost extends ReferenceDevice {
    private isLost = false;
    override async run(): Promise<void> {
      this.isLost = true;
      throw new Error('an illegal memory access was encountered');
    }
    override async allocate(bytes: number) {
      if (this.isLost) throw new Error('context is destroyed');
      return super.allocate(bytes);
    }
    override async free(memory: Memory): Promise<void> {
      if (this.isLost) throw new Error('context is destroyed');
      return super.free(memory);
    }
  }
  const failure = failureOf(await measureCase(new Lost(), gemmCase));
  assert.equal(failure, {
    stage: 'device lost',
    reason: 'an illegal memory access was encountered',
  });
});

failures('a clock that stands still is no time', async () => {
  const device = new Clocked(() => 0);
  const failure = failureOf(await measureCase(device, gemmCase));
  assert.is(failure.stage, 'run');
  assert.match(failure.reason, 'clock');
  assert.is(device.allocatedBytes, 0);
});

failures.run();
