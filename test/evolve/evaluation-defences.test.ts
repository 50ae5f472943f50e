import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ceilingsOf, leastWork } from '../../evolve/evaluation/ceilings.ts';
import { checkShape, UnsuitableTask } from '../../evolve/evaluation/check-shape.ts';
import { DeviceLock } from '../../evolve/evaluation/device-lock.ts';
import { CandidateFailed, judge } from '../../evolve/evaluation/failed.ts';
import { centreOf, finalRules, inRounds, isSettled, searchRules } from '../../evolve/evaluation/rounds.ts';
import { sandboxCommand, sandboxEnvironment } from '../../evolve/evaluation/sandbox.ts';
import { HarnessSeal } from '../../evolve/evaluation/seal.ts';
import { compareWithWallClock, suspectTimes } from '../../evolve/evaluation/suspicions.ts';
import { settleOwnThreads, watchThreads } from '../../evolve/evaluation/threads.ts';
import { type InterleavedTimes, timeInterleaved } from '../../evolve/evaluation/time-shape.ts';
import { LaunchError } from '../../evolve/source/launch-plan.ts';
import { RandomStream } from '../../foundation/random.ts';
import {
  CompileError,
  type DeviceDescription,
  type Launch,
  OutOfMemory,
  SourceRefused,
  Unsupported,
} from '../../harness/device.ts';
import type { TypescriptKernel } from '../../harness/kernels/typescript/kernel.ts';
import { ReferenceDevice } from '../../harness/reference-device.ts';

const softmax = {
  operator: 'softmax',
  dataType: 'fp32',
  shape: { rows: 5, n: 40 },
  implementation: 'reference',
} as const;

async function failure(work: () => Promise<unknown>): Promise<Error> {
  try {
    await work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing failed');
}

const times: InterleavedTimes = {
  candidateS: 100e-6,
  referenceS: 200e-6,
  speedup: { mean: 2, low: 1.9, high: 2.1 },
  cache: 'cold',
  freshness: { candidate: 1.1, reference: 1.1 },
};
const ceilings = { source: 'datasheet of a device', leastShare: 0.9 };
const work = (seconds: number) => ({ flops: 1, bytes: 1, seconds });

const speed = suite('evaluation defences: times');

speed('may reach the speed of light, and may not pass it', () => {
  assert.is(suspectTimes(times, work(105e-6), ceilings), undefined);
  assert.throws(
    () => suspectTimes(times, work(120e-6), ceilings),
    /impossible speed: 100 µs, where the device needs 120 µs/,
  );
  // What stays in a cache is not bound by the memory.
  assert.is(suspectTimes({ ...times, cache: 'warm' }, work(120e-6), ceilings), undefined);
});

speed('are flagged where they are more than ten times as short', () => {
  const fast = { ...times, speedup: { mean: 12, low: 11, high: 13 } };
  assert.match(suspectTimes(fast, work(1e-6), ceilings)!, /12.0 times as fast as the reference/);
});

speed('that are longer on cleared outputs betray skipped work, unless the reference has them, too', () => {
  const skipping = { ...times, freshness: { candidate: 5, reference: 1 } };
  assert.throws(() => suspectTimes(skipping, work(0), ceilings), /skips work/);
  assert.is(
    suspectTimes({ ...times, freshness: { candidate: 5, reference: 3 } }, work(0), ceilings),
    undefined,
  );
  assert.is(suspectTimes({ ...skipping, candidateS: 1e-6 }, work(0), ceilings), undefined);
});

speed('follow from datasheets of known devices, and from nothing on unknown ones', async () => {
  const named = (name: string, kind: DeviceDescription['kind']) =>
    Object.assign(new ReferenceDevice(), {
      backend: 'cuda' as const,
      describe: async () => ({
        name,
        kind,
        memoryBytes: 1,
        cacheBytes: 1,
        units: 1,
        versions: {},
        details: {},
      }),
    });
  const h200 = await ceilingsOf(named('NVIDIA H200', 'gpu'));
  assert.is(h200.source, 'datasheet of h200-sxm');
  const { seconds, bytes, flops } = leastWork('gemm', 'fp16', { m: 4096, n: 4096, k: 4096 }, h200);
  assert.is(flops, 2 * 4096 ** 3);
  assert.ok(Math.abs(seconds - flops / 989.4e12) < 1e-9);
  const stream = leastWork('elementwise', 'fp32', { rows: 4096, n: 4096, inputs: 2 }, h200);
  assert.ok(Math.abs(stream.seconds - stream.bytes / 4.8e12) < 1e-9);
  assert.ok(bytes > 0);
  const unknown = await ceilingsOf(named('Some GPU', 'gpu'));
  assert.is(leastWork('gemm', 'fp16', { m: 4, n: 4, k: 4 }, unknown).seconds, 0);
});

/** A device whose clock says a tenth of the truth. */
class LyingDevice extends ReferenceDevice {
  override async time(launches: readonly Launch[], options: { warmUp: number; repeats: number }) {
    return (await super.time(launches, options)).map((seconds) => seconds / 10);
  }
}

speed('by a clock that was tampered with differ from the host’s', async () => {
  const slow: TypescriptKernel = ([, out]) => {
    const end = performance.now() + 5;
    while (performance.now() < end) out.fill(0);
  };
  const launchOn = async (device: ReferenceDevice) => {
    const kernel = await device.compile(softmax);
    const memories = [await device.allocate(800), await device.allocate(800)];
    const set = { seed: 1, tensors: [], memories, fillings: new Map(), borrowed: new Set<string>() };
    return { kernel, rotation: { sets: [set], cache: 'cold' as const } };
  };
  const honest = new ReferenceDevice({ kernels: { softmax: slow } });
  const right = await launchOn(honest);
  await compareWithWallClock(honest, right.kernel, right.rotation, 5e-3, searchRules.watchedS);
  const lying = new LyingDevice({ kernels: { softmax: slow } });
  const wrong = await launchOn(lying);
  const error = await failure(() =>
    compareWithWallClock(lying, wrong.kernel, wrong.rotation, 0.5e-3, searchRules.watchedS),
  );
  assert.instance(error, CandidateFailed);
  assert.match(error.message, 'works longer than it says');
});

speed('of candidate and reference are taken in turn, and compared round by round', async () => {
  const order: string[] = [];
  const device = new ReferenceDevice();
  const slowDown = { factor: 1 };
  device.time = async ([{ kernel }], { repeats }) => {
    const isCandidate = kernel.program.implementation === 'candidate';
    if (repeats === 3) {
      order.push(isCandidate ? 'c' : 'r');
      // The device gets slower and slower: both sides suffer, and their ratio does not.
      if (isCandidate) slowDown.factor *= 1.5;
    }
    return new Float64Array(repeats).fill((isCandidate ? 1e-3 : 3e-3) * slowDown.factor);
  };
  const candidate = { program: { ...softmax, implementation: 'candidate' } };
  const best = { device, kernel: { program: softmax }, name: 'ours' };
  let seen = 0;
  const result = await timeInterleaved(
    device,
    candidate,
    { best },
    1,
    { ...finalRules, rounds: 8, settlesAfter: 8, longestS: 1e9 },
    async ({ sets }) => {
      seen = sets.length;
    },
  );
  assert.is(order.join(''), 'cr'.repeat(8));
  assert.ok(Math.abs(result.speedup.mean - 3) < 1e-9 && Math.abs(result.speedup.low - 3) < 1e-9);
  assert.ok(seen >= 1);
  assert.is(device.allocatedBytes, 0);
});

speed(
  'end with the third round in a search where they agree, or a kernel is clearly slower than the best, and later in the end',
  async () => {
    const series = async (seconds: readonly number[], rules = searchRules, fastestS?: number) => {
      let round = 0;
      const next = async () => seconds[round++ % seconds.length];
      const [times] = await inRounds([next], rules, ([own]) => isSettled(rules, own, own, fastestS));
      return times.length;
    };
    const steady = [1e-3, 1.002e-3, 1.001e-3];
    const shaky = [1e-3, 1.1e-3, 0.9e-3];
    assert.is(await series(steady), 3);
    assert.is(await series(shaky), searchRules.rounds);
    assert.is(await series(shaky, searchRules, 0.7e-3), searchRules.rounds);
    assert.is(await series(shaky, searchRules, 0.5e-3), 3);
    assert.is(await series(steady, finalRules), finalRules.settlesAfter);
    assert.is(await series(shaky, finalRules, 0.5e-3), finalRules.rounds);
    // Narrow enough for a search.
    assert.is(await series([1e-3, 1.012e-3], finalRules), finalRules.rounds);
  },
);

speed('have an interval that holds their median, by order from six rounds on', () => {
  assert.equal(centreOf([5, 1, 4, 2, 6, 3]), { median: 3.5, low: 1, high: 6 });
  const { median, low, high } = centreOf([1, 2, 4]);
  assert.is(median, 2);
  // Three logarithms a factor of 2 apart: 4.303 · ln 2 / √3.
  assert.ok(Math.abs(Math.log(high / 2) - (4.303 * Math.log(2)) / Math.sqrt(3)) < 1e-9);
  assert.ok(Math.abs(low * high - 4) < 1e-9);
  assert.equal(centreOf([7, 7, 7]), { median: 7, low: 7, high: 7 });
});

speed.run();

const checks = suite('evaluation defences: checks');

checks('refuse a task whose answers no constant differs from', async () => {
  const constant: TypescriptKernel = ([, out]) => out.fill(1);
  const device = new ReferenceDevice({ kernels: { softmax: constant } });
  const kernel = await device.compile({ ...softmax, shape: { rows: 40, n: 1 } });
  const error = await failure(() => checkShape(device, kernel, new RandomStream(1)));
  assert.instance(error, UnsuitableTask);
  assert.is(device.allocatedBytes, 0);
});

checks('note answers that differ from run to run', async () => {
  let runs = 0;
  const right = new ReferenceDevice();
  const kernel = await right.compile(softmax);
  assert.ok((await checkShape(right, kernel, new RandomStream(1))).isDeterministic);
  const shaky: TypescriptKernel = ([x, out], { rows, n }) => {
    runs++;
    for (let row = 0; row < rows; row++) {
      const own = Array.from({ length: n }, (_, i) => Math.exp(x[row * n + i]));
      const sum = own.reduce((a, b) => a + b);
      own.forEach((each, i) => {
        out[row * n + i] = (each / sum) * (1 + runs * 1e-7);
      });
    }
  };
  const device = new ReferenceDevice({ kernels: { softmax: shaky } });
  assert.not((await checkShape(device, await device.compile(softmax), new RandomStream(1))).isDeterministic);
});

checks('tell failures apart by what was thrown, and ask whether the device still answers', async () => {
  const device = new ReferenceDevice();
  const stageOf = async (error: unknown) => (await judge(error, device)).failure.stage;
  assert.is(await stageOf(new LaunchError('no launch')), 'source');
  assert.is(await stageOf(new CompileError('it', 'kernel.cu(3): error: x is undefined')), 'compile');
  assert.is(await stageOf(new Unsupported('too many threads')), 'launch');
  assert.is(await stageOf(new OutOfMemory(1)), 'memory');
  assert.is(await stageOf(new SourceRefused('own threads', 'the source …')), 'cheat');
  assert.is(await stageOf(new Error('something')), 'run');
  assert.is(await stageOf(new CandidateFailed('wrong answer', 'off')), 'wrong answer');
  assert.not((await judge(new Error('something'), device)).isLost);
  device.allocate = async () => {
    throw new Error('an illegal memory access was encountered');
  };
  assert.ok((await judge(new Error('something'), device)).isLost);
});

checks.run();

const processes = suite('evaluation defences: processes');

processes('notice threads that were begun and still run', async () => {
  if (process.platform !== 'linux') return;
  await settleOwnThreads();
  const check = watchThreads();
  await check();
  const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
  await new Promise((resolve) => worker.once('online', resolve));
  const error = await failure(check);
  await worker.terminate();
  assert.match(error.message, 'own threads');
});

processes('notice a file of the harness that is no longer what it was', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-seal-'));
  try {
    const file = join(folder, 'harness.py');
    writeFileSync(file, 'tolerance = 1e-5');
    const seal = new HarnessSeal(['.'], folder);
    assert.is(seal.broken(), undefined);
    // Touched, and the same.
    utimesSync(file, 1, 1);
    assert.is(seal.broken(), undefined);
    writeFileSync(file, 'tolerance = 1e+5');
    assert.is(seal.broken(), file);
    rmSync(file);
    assert.is(seal.broken(), file);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

processes('see neither keys nor addresses of services', () => {
  const environment = {
    PATH: '/bin',
    OPENAI_API_KEY: 'secret',
    AWS_SECRET_ACCESS_KEY: 'secret',
    HTTPS_PROXY: 'http://somewhere',
    NODE_OPTIONS: '--require /tmp/x.js',
    LD_PRELOAD: '/tmp/x.so',
    RANKFLEET_LLM_API_KEY: 'secret',
    RANKFLEET_LLM_URL: 'http://somewhere',
    RANKFLEET_CUDA_LIBRARIES: '/opt/cuda',
    CUDA_VISIBLE_DEVICES: '1',
  };
  const seen = sandboxEnvironment(environment, '/tmp/fresh');
  assert.not(JSON.stringify(seen).includes('secret') || JSON.stringify(seen).includes('somewhere'));
  assert.equal([seen.NODE_OPTIONS, seen.LD_PRELOAD], [undefined, undefined]);
  assert.equal(
    [seen.PATH, seen.RANKFLEET_CUDA_LIBRARIES, seen.CUDA_VISIBLE_DEVICES, seen.TMPDIR],
    ['/bin', '/opt/cuda', '1', '/tmp/fresh'],
  );
});

processes('see no network, where the system has a way to keep them off it', () => {
  const tell = 'console.log(JSON.stringify(Object.keys(require("node:os").networkInterfaces())))';
  const { command, isOffline } = sandboxCommand([process.execPath, '-e', tell], true);
  if (!isOffline) {
    console.log('SKIPPED: this system lets no process be started without its network');
    return;
  }
  const { stdout } = spawnSync(command[0], command.slice(1), { encoding: 'utf8' });
  assert.equal(JSON.parse(stdout), []);
});

processes('are started with their arguments as they are', () => {
  const { command } = sandboxCommand(['node', 'a b.js', '$HOME'], false);
  assert.equal(command.slice(-3), ['node', 'a b.js', '$HOME']);
});

processes.run();

const lock = suite('evaluation: a device and its turns');

lock('is held by one at a time, in the order of asking, and counts its seconds', async () => {
  let now = 0;
  const device = new DeviceLock(() => now);
  const [first, second, third] = [device.turn(), device.turn(), device.turn()];
  await first.take();
  now = 1;
  const taken: string[] = [];
  const secondTaken = second.take().then(() => taken.push('second'));
  const thirdTaken = third.take().then(() => taken.push('third'));
  now = 3;
  first.leave();
  await secondTaken;
  assert.equal(taken, ['second']);
  assert.is(first.heldS(), 3);
  now = 4;
  assert.is(second.heldS(), 1);
  second.leave();
  await thirdTaken;
  now = 6;
  third.leave();
  assert.equal(taken, ['second', 'third']);
  assert.equal(device.times, { heldS: 6, totalS: 6 });
  assert.is(device.turns, 3);
  assert.is(device.waitedS, 2 + 3);
});

lock('goes to the next when one gives up while it waits, or never asks', async () => {
  const device = new DeviceLock(() => 0);
  const [first, gone, never, last] = [device.turn(), device.turn(), device.turn(), device.turn()];
  await first.take();
  const waiting = gone.take();
  gone.leave();
  never.leave();
  const wanted = last.take();
  first.leave();
  await Promise.all([waiting, wanted]);
  last.leave();
  assert.is(device.turns, 2);
});

lock.run();
