// time-limit: 240 s
import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Artifact } from '../../evolve/artifact.ts';
import { EvaluatorPool, type PoolOptions } from '../../evolve/evaluation/evaluator-pool.ts';
import type { KernelTask } from '../../evolve/kernel-task.ts';
import type { OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import { pythonBackend } from '../../harness/devices/python/python-backend.ts';
import { buildStub, hasCompiler } from '../harness/gpu-stub/build.ts';
import { hasAdapter } from '../harness/webgpu-adapter.ts';
import { softmaxTask } from './candidates.ts';

const numpyIndex = (await pythonBackend.find()).devices.indexOf('CPU by numpy');
if (numpyIndex < 0) console.log('SKIPPED: evaluation in Python needs python3 with NumPy');

const { signal } = new AbortController();

function taskOf(operator: OperatorName, shape: Shape): KernelTask {
  const about = { name: operator, title: operator, source: 'a test', dataTypes: ['fp32'] as const };
  return { ...about, operator, search: [{ shape }], heldOut: [] };
}

async function withPool(options: PoolOptions, body: (pool: EvaluatorPool) => Promise<void>): Promise<void> {
  const pool = new EvaluatorPool(options);
  try {
    await body(pool);
  } finally {
    await pool.close();
  }
}

const cuda = suite('evaluation on CUDA');

/** Moves a tensor, as the stand-in for a driver carries it out. */
const copy = (entry: string): Artifact => ({
  language: 'cuda',
  text: `// @launch ${entry} grid(ceil_div(rows * width, THREADS)) block(THREADS) args(x, out, rows * width)
#define THREADS 128 // @knob threads {64, 128} of a block
extern "C" __global__ void ${entry}(const float* x, float* out, int n) {
  const int i = blockIdx.x * THREADS + threadIdx.x;
  if (i < n) out[i] = x[i];
}
`,
});

if (!hasCompiler) console.log('SKIPPED: evaluation on CUDA needs a C compiler for a stand-in of the driver');
const onCuda = hasCompiler ? cuda : cuda.skip;

onCuda('checks and times by the driver’s clock, and outlives a lost device', async () => {
  process.env.RANKFLEET_CUDA_LIBRARIES = buildStub('cuda');
  const task = taskOf('concat', { rows: 50, inputs: 1, width: 64 });
  const options = {
    devices: [{ backend: 'cuda', index: 0 } as const],
    usesPython: false,
    baseline: copy('copyWords'),
  };
  await withPool(options, async (pool) => {
    const evaluate = (artifact: Artifact) => pool.evaluate(artifact, { task, dataType: 'fp32', signal });
    const { failure, score, reference, resources, timings } = await evaluate(copy('copyWords'));
    assert.is(failure, undefined, failure?.reason);
    // Every kernel takes 5 µs on the stand-in.
    assert.ok(Math.abs(score - 1) < 1e-6, `${score}`);
    assert.ok(Math.abs(timings[0].candidateS - 5e-6) < 1e-9);
    assert.is(reference, 'plain cuda kernel');
    assert.equal(resources, {
      registers: 40,
      spilledBytes: 8,
      staticSharedBytes: 16,
      dynamicSharedBytes: 0,
      threadsPerBlock: 128,
      mostThreadsPerBlock: 1024,
      blocks: 25,
      occupancy: (4 * 128) / 2048,
    });
    const idle = await evaluate(copy('doesNothing'));
    assert.is(idle.failure?.stage, 'wrong answer');
    assert.match(idle.failure!.reason, 'was not written');
    assert.is(pool.statistics().starts, 1);
    const lost = await evaluate(copy('fail'));
    assert.is(lost.failure?.stage, 'run');
    assert.match(lost.failure!.reason, 'CUDA_ERROR_LAUNCH_FAILED');
    assert.match(lost.failure!.signature, 'run: cuLaunchKernel failed: CUDA_ERROR_LAUNCH_FAILED');
    // The new process has no references yet, and goes by what the first one measured; a final verdict does not.
    const after = await evaluate(copy('copyWords'));
    assert.is(after.failure, undefined, after.failure?.reason);
    assert.equal([after.reference, after.spentS.reference], ['plain cuda kernel', undefined]);
    assert.ok(Math.abs(after.score - 1) < 1e-6);
    const last = await pool.evaluate(copy('copyWords'), { task, dataType: 'fp32', signal, isFinal: true });
    assert.ok(last.spentS.reference > 0 && Math.abs(last.score - 1) < 1e-6);
    assert.is(pool.statistics().starts, 2);
    const streams = await evaluate({
      language: 'cuda',
      text: `${copy('copyWords').text}\nvoid f() { cudaStreamCreate(0); }`,
    });
    assert.is(streams.failure?.stage, 'cheat');
    const halves = { language: 'cuda', text: `// @data-types fp16\n${copy('copyWords').text}` } as const;
    assert.match((await evaluate(halves)).failure?.reason ?? '', 'not written for fp32');
    const aimless = await evaluate({ language: 'cuda', text: 'extern "C" __global__ void k() {}' });
    assert.is(aimless.failure?.stage, 'source');
    const tooLarge = await evaluate({
      language: 'cuda',
      text: copy('copyWords').text.replace('block(THREADS)', 'block(2048)'),
    });
    assert.is(tooLarge.failure?.stage, 'launch', tooLarge.failure?.reason);
    const demanding = await evaluate({
      language: 'cuda',
      text: `// @require THREADS * 2 <= width\n${copy('copyWords').text}`,
    });
    assert.is(demanding.failure?.stage, 'launch');
    assert.is(demanding.failure?.reason, 'the source asks for THREADS * 2 <= width, which does not hold');
    const senseless = await evaluate({
      language: 'cuda',
      text: `// @require TILE > 1\n${copy('copyWords').text}`,
    });
    assert.is(senseless.failure?.stage, 'source');
  });
});

onCuda(
  'makes references once for all processes of a device, whatever becomes of the first kernel',
  async () => {
    process.env.RANKFLEET_CUDA_LIBRARIES = buildStub('cuda');
    const task = taskOf('concat', { rows: 50, inputs: 1, width: 64 });
    const options = {
      devices: [{ backend: 'cuda', index: 0 } as const],
      usesPython: false,
      workersPerDevice: 2,
      baseline: copy('copyWords'),
    };
    await withPool(options, async (pool) => {
      const evaluate = (entry: string, isFinal = false) =>
        pool.evaluate(copy(entry), { task, dataType: 'fp32', signal, isFinal });
      const first = await Promise.all([evaluate('doesNothing'), evaluate('doesNothing')]);
      assert.equal(
        first.map(({ failure }) => failure?.stage),
        ['wrong answer', 'wrong answer'],
      );
      for (const stage of ['prepare', 'reference']) {
        assert.is(first.filter(({ spentS }) => spentS[stage] !== undefined).length, 1, stage);
      }
      const later = await Promise.all([evaluate('copyWords'), evaluate('copyWords'), evaluate('copyWords')]);
      for (const { spentS, reference, score } of later) {
        assert.equal(
          [reference, spentS.prepare, spentS.reference],
          ['plain cuda kernel', undefined, undefined],
        );
        assert.ok(Math.abs(score - 1) < 1e-6);
      }
      // Whoever has them goes on with what is given up, and is there for the final verdict.
      const keeper = pool.evaluators.find(({ hasReferences }) => hasReferences)!;
      const stop = new AbortController();
      const givenUp = keeper.evaluate(copy('copyWords'), { task, dataType: 'fp32', signal: stop.signal });
      setImmediate(() => stop.abort(new Error('the time is up')));
      const message = await givenUp.then(
        () => 'nothing',
        (error: Error) => error.message,
      );
      assert.is(message, 'the time is up');
      assert.ok(keeper.hasReferences);
      // A final verdict is given where they are at hand, and times them anew.
      const last = await evaluate('copyWords', true);
      assert.is(last.spentS.prepare, undefined);
      assert.ok(last.timings[0].referenceS > 0);
      assert.is(pool.statistics().starts, 2);
    });
  },
);

onCuda('tells what fails for the first of several shapes that are compiled side by side', async () => {
  process.env.RANKFLEET_CUDA_LIBRARIES = buildStub('cuda');
  const shapes = [100, 40, 20].map((rows) => ({ shape: { rows, inputs: 1, width: 64 } }));
  const task = { ...taskOf('concat', shapes[0].shape), search: shapes };
  const options = { devices: [{ backend: 'cuda', index: 0 } as const], usesPython: false };
  await withPool(options, async (pool) => {
    const text = `// @require rows > 50\n// @require rows > 30\n${copy('copyWords').text}`;
    const { failure, timings } = await pool.evaluate(
      { language: 'cuda', text },
      { task, dataType: 'fp32', signal },
    );
    assert.is(failure?.reason, 'the source asks for rows > 50, which does not hold');
    assert.equal(timings, []);
    const heldOut = { ...task, search: [shapes[0]], heldOut: [shapes[1]] };
    const last = await pool.evaluate(
      { language: 'cuda', text },
      { task: heldOut, dataType: 'fp32', signal, isFinal: true },
    );
    assert.is(last.failure?.stage, 'over-fitted');
    assert.match(last.failure!.reason, 'not seen: launch: the source asks for rows > 50');
  });
});

cuda.run();

const webgpu = suite('evaluation on WebGPU');

const rmsNorm = (scale: string): Artifact => ({
  language: 'wgsl',
  text: `// @scratch rows * 4
// @launch squares grid(ceil_div(rows, 64)) args(x, scratch)
// @launch apply grid(ceil_div(rows * n, 64)) args(x, gain, scratch, out)
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;
@group(0) @binding(1) var<storage, read> gain: array<f32>;
@group(0) @binding(2) var<storage, read> means: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
const N = u32(AXIS_n);
fn square(i: u32) -> f32 { return x[i] * x[i]; }
@compute @workgroup_size(64) fn squares(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= u32(AXIS_rows)) { return; }
  var sum = 0.0;
  for (var i = 0u; i < N; i++) { sum += square(id.x * N + i); }
  sums[id.x] = sum / f32(N);
}
@compute @workgroup_size(64) fn apply(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= u32(AXIS_rows) * N) { return; }
  out[id.x] = x[id.x] * inverseSqrt(means[id.x / N] + 1e-5) * gain[id.x % N] * ${scale};
}
`,
});

const onWebgpu = hasAdapter ? webgpu : webgpu.skip;

onWebgpu('runs the entry points of a module in order, each with its own bindings', async () => {
  const task = taskOf('rms-norm', { rows: 40, n: 96 });
  await withPool({ devices: [{ backend: 'webgpu', index: 0 }], usesPython: false }, async (pool) => {
    const evaluate = (artifact: Artifact) => pool.evaluate(artifact, { task, dataType: 'fp32', signal });
    const { failure, reference, timings } = await evaluate(rmsNorm('1.0'));
    assert.is(failure, undefined, failure?.reason);
    assert.match(reference, /^rankfleet/);
    assert.ok(timings[0].candidateS > 0);
    assert.is((await evaluate(rmsNorm('1.001'))).failure?.stage, 'wrong answer');
    const broken = await evaluate(rmsNorm('undeclared'));
    assert.is(broken.failure?.stage, 'compile');
    assert.match(broken.failure!.log!, "unresolved value 'undeclared'");
    const half = await evaluate({ language: 'wgsl', text: `enable f16;\n${rmsNorm('1.0').text}` });
    assert.is(half.failure?.stage, 'cheat');
  });
});

webgpu.run();

const python = suite('evaluation in Python');

const numpySoftmax = (end = '', start = ''): Artifact => ({
  language: 'triton',
  text: `import numpy as np
seen = []

def launch(tensors, axes):
    x, out = tensors["x"], tensors["out"]
    ${start}
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    np.divide(powers, powers.sum(axis=1, keepdims=True), out=out)
    ${end}
`,
});

const onNumpy = numpyIndex >= 0 ? python : python.skip;

onNumpy('runs a module’s launch function, and outlives what it does', async () => {
  const device = { backend: 'python', index: numpyIndex, cores: 1 } as const;
  await withPool({ devices: [device], limits: { check: 4 } }, async (pool) => {
    const evaluate = async (artifact: Artifact) => {
      const { failure, ...rest } = await pool.evaluate(artifact, {
        task: softmaxTask,
        dataType: 'fp32',
        signal,
      });
      return { ...rest, ...failure };
    };
    const right = await evaluate(numpySoftmax());
    assert.is(right.reason, undefined);
    assert.match(right.reference, /^numpy \d/);
    assert.ok(right.score > 0.1 && right.score < 10, `${right.score}`);
    assert.is((await evaluate(numpySoftmax('out *= 1.001'))).stage, 'wrong answer');
    assert.is(
      (await evaluate(numpySoftmax('', 'if seen: return\n    seen.append(1)'))).stage,
      'wrong answer',
    );
    const undefinedName = await evaluate(numpySoftmax('undefined_name()'));
    assert.is(undefinedName.stage, 'run');
    assert.match(undefinedName.signature!, "name 'undefined_name' is not defined");
    assert.is(
      (await evaluate({ language: 'triton', text: 'import os\ndef launch(tensors, axes): pass' })).stage,
      'cheat',
    );
    assert.is((await evaluate({ language: 'triton', text: 'def launch(' })).stage, 'compile');
    const endless = await evaluate(numpySoftmax('', 'while True: pass'));
    assert.is(endless.stage, 'timeout');
    assert.is((await evaluate(numpySoftmax())).reason, undefined);
    assert.is(pool.statistics().starts, 2);
  });
});

onNumpy('notices replaced clocks and threads left behind', () => {
  const program = `
import sys, threading, time
import rankfleet_worker.clock_timing
from rankfleet_worker.failures import Failure
from rankfleet_worker.integrity import Integrity
def rule(integrity):
    try:
        integrity.check()
    except Failure as failure:
        return failure.fields["rule"]
integrity = Integrity()
print(rule(integrity))
clock = time.perf_counter_ns
time.perf_counter_ns = lambda: 0
print(rule(integrity))
time.perf_counter_ns = clock
rankfleet_worker.clock_timing.time_by_clock, kept = print, rankfleet_worker.clock_timing.time_by_clock
print(rule(integrity))
rankfleet_worker.clock_timing.time_by_clock = kept
threading.Thread(target=time.sleep, args=(1,), daemon=True).start()
print(rule(integrity))`;
  const { stdout, stderr } = spawnSync('python3', ['-B', '-c', program], {
    env: { PATH: process.env.PATH ?? '', PYTHONPATH: 'harness/python' },
    encoding: 'utf8',
  });
  assert.is(stderr, '');
  assert.equal(stdout.trim().split('\n'), ['None', 'patched functions', 'patched functions', 'own threads']);
});

python.run();
