import type { Artifact } from '../../evolve/artifact.ts';
import type { Evaluation, FailureStage, ResourceReport, ShapeTiming } from '../../evolve/evaluation.ts';
import type { KernelTask } from '../../evolve/kernel-task.ts';
import type { Attempt, Context } from '../../evolve/operator.ts';
import type { Variant } from '../../evolve/rewrite/variants.ts';
import { RandomStream } from '../../foundation/random.ts';
import type { DeviceDescription } from '../../harness/device.ts';
import { operatorWork } from '../../sim/cost/work.ts';

/** RMS norm of many rows: memory decides. */
export const normTask: KernelTask = {
  name: 'rms-norm',
  title: 'RMS norm',
  source: 'a test',
  operator: 'rms-norm',
  dataTypes: ['fp32'],
  search: [{ shape: { rows: 4096, n: 1024 }, kind: 'production' }, { shape: { rows: 64, n: 512 } }],
  heldOut: [{ shape: { rows: 100, n: 768 } }],
};

/** Two ways of writing it, with two knobs in common. */
export const normVariants: readonly Variant[] = [
  {
    name: 'row-a-block',
    text: `// A block for each row.
#define VECTOR 1 // @knob vector-width {1, 2, 4, 8} elements of a load
#define THREADS 128 // @knob warps {64, 128, 256, 512} threads of a block
#define UNROLL 1 // @knob unrolling {1, 2, 4} loads in flight
// @require THREADS * VECTOR * UNROLL <= 2048
// @require n % VECTOR == 0
// @launch norm grid(rows) block(THREADS) args(x, gain, out)
extern "C" __global__ void norm(const float* x, const float* gain, float* out) { /* AXIS_n */ }
`,
  },
  {
    name: 'rows-a-warp',
    text: `// Several rows a block.
#define VECTOR 1 // @knob vector-width {1, 2, 4} elements of a load
#define ROWS 4 // @knob tiling {1, 2, 4, 8} rows of a block
// @launch norm grid(ceil_div(rows, ROWS)) block(ROWS * 32) args(x, gain, out)
extern "C" __global__ void norm(const float* x, const float* gain, float* out) { /* AXIS_n */ }
`,
  },
];

export const h200: DeviceDescription = {
  name: 'NVIDIA H200',
  kind: 'gpu',
  memoryBytes: 141e9,
  cacheBytes: 50 * 2 ** 20,
  units: 132,
  versions: {},
  details: { computeCapability: '9.0' },
};

export function cudaOf(text: string): Artifact {
  return { language: 'cuda', text };
}

/** A working attempt with a score, as fast on every shape, at a share of the bandwidth of `h200`. */
export function attemptOf(text: string, score = 1, { id = 2, bandwidthShare = 0.4 } = {}): Attempt {
  const timings = normTask.search.map(({ shape }) => timingOf(shape, { bandwidthShare, score }));
  return { id, artifact: cudaOf(text), evaluation: workingWith(timings, score), rationale: `made ${id}` };
}

export function workingWith(timings: ShapeTiming[], score = 1, resources: ResourceReport = {}): Evaluation {
  return { score, reference: 'torch.compile', timings, resources, spentS: {}, deviceHeldS: 0 };
}

/** Peak bandwidth of `h200`, B/s. */
const bandwidth = 4.8e12;

/** What a kernel shows that reaches a share of the bandwidth, or takes so long. */
export function timingOf(
  shape: Readonly<Record<string, number>>,
  { bandwidthShare = 0.4, score = 1, candidateS = undefined as number | undefined } = {},
): ShapeTiming {
  const { flops, bytes } = operatorWork('rms-norm', 'fp32', shape);
  const seconds = candidateS ?? bytes / bandwidth / bandwidthShare;
  return {
    shape,
    candidateS: seconds,
    referenceS: seconds * score,
    speedup: { mean: score, low: score, high: score },
    error: 0,
    tolerance: 1e-5,
    speedOfLight: bytes / bandwidth / seconds,
    achievedBytesPerS: bytes / seconds,
    achievedFlopPerS: flops / seconds,
  };
}

export function failedAttempt(
  text: string,
  { id = 2, stage = 'launch' as FailureStage, reason = 'too much shared memory: 99999 bytes' } = {},
): Attempt {
  const failure = { stage, reason, signature: `${stage}: ${reason.replaceAll(/\d+/g, '<n>')}` };
  return {
    id,
    artifact: cudaOf(text),
    evaluation: { ...workingWith([], 0), failure },
    rationale: `made ${id}`,
  };
}

/** A draft of RMS norm in CUDA on an H200, with nothing known, unless it is said otherwise. */
export function contextWith(changes: Partial<Context> = {}): Context {
  return {
    task: normTask,
    language: 'cuda',
    dataType: 'fp32',
    device: h200,
    ordinal: 0,
    phase: 'draft',
    parents: [],
    memory: 'both',
    ancestors: [],
    siblings: [],
    documents: [],
    failures: [],
    reused: [],
    isTried: () => false,
    random: new RandomStream(1),
    ...changes,
  };
}
