// time-limit: 240 s
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Language } from '../../evolve/artifact.ts';
import type { KernelTask } from '../../evolve/kernel-task.ts';
import { launchPlan } from '../../evolve/source/launch-plan.ts';
import { tasks } from '../../evolve/tasks/index.ts';
import { taskTensors } from '../../evolve/tasks/tensors.ts';
import type { OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import { cpuBackend } from '../../harness/devices/cpu/cpu-backend.ts';
import { wrongSources } from '../evolve/emulated-sources.ts';
import { casesOf, holds, sourcesOf, wrongOn } from '../evolve/source-cases.ts';
import { hostCompiler } from '../harness/gpu-emulation/emulated-kernels.ts';
import { smallShapes } from '../harness/operator-cases.ts';
import { hasAdapter, openAdapter } from '../harness/webgpu-adapter.ts';

const names = [
  ...[
    'cross-entropy',
    'embedding-bag',
    'embedding-bag-backward',
    'event-truncate',
    'jagged-to-padded',
    'layer-norm',
  ],
  ...['map-id', 'merge-bucketised', 'quantise', 'rms-norm-backward', 'softmax', 'swiglu', 'top-k'],
];

/** Shapes that take the ways which small ones do not. */
const moreShapes: Partial<Record<OperatorName, Shape[]>> = {
  'cross-entropy': [{ rows: 3, classes: 1500 }],
  'embedding-bag': [
    { rows: 300, dim: 512, pooling: 37, bags: 3, skew: 0 },
    { rows: 40, dim: 24, pooling: 3, bags: 5, skew: 0 },
  ],
  // Rows with lookups in many segments, in two, and in none.
  'embedding-bag-backward': [{ rows: 5, dim: 48, pooling: 9, bags: 300, skew: 0.6 }],
  'event-truncate': [{ batch: 70, events: 4, kept: 2, features: 2, length: 1 }],
  'layer-norm': [{ rows: 3, n: 1500 }],
  'map-id': [{ values: 700, ids: 5000 }],
  'merge-bucketised': [{ batch: 130, features: 2, borders: 70 }],
  quantise: [{ rows: 5, dim: 520 }],
  'rms-norm-backward': [{ rows: 9, n: 1000 }],
  softmax: [{ rows: 3, n: 1500 }],
  swiglu: [{ rows: 1, n: 3 }],
  'top-k': [
    { rows: 2, n: 1500, k: 300 },
    { rows: 3, n: 900, k: 1 },
  ],
};

/** Threads of all launches that are emulated for one case, each a fibre. */
const mostThreads = 8000;

const memoryTasks = names.map((name) => tasks.find((each) => each.name === name)!);
const sourcesIn = (language: Language) => sourcesOf(memoryTasks, language);
const shapesOf = (task: KernelTask) => {
  const operator = task.operator as OperatorName;
  return [...smallShapes[operator]!, ...(moreShapes[operator] ?? [])];
};

function threadsOf(text: string, task: KernelTask, shape: Shape): number {
  const tensors = taskTensors(task, task.dataTypes[0], shape).map(({ name }) => name);
  return launchPlan(text, shape, tensors)
    .launches.map(({ grid, block }) => [...grid, ...block].reduce((a, b) => a * b, 1))
    .reduce((a, b) => a + b, 0);
}

const kernels = suite('kernels of tasks bound by memory');

kernels('as written fit every shape of their task', () => {
  for (const language of ['cuda', 'cpp', 'wgsl'] as const) {
    for (const { task, file, text } of sourcesIn(language)) {
      for (const { shape } of [...task.search, ...task.heldOut]) {
        assert.ok(holds(text, shape), `${file}: ${JSON.stringify(shape)}`);
        if (language === 'cpp') continue;
        const tensors = taskTensors(task, task.dataTypes[0], shape).map(({ name }) => name);
        for (const { grid, block } of launchPlan(text, shape, tensors).launches) {
          assert.ok(grid[0] < 2 ** 31 && grid[1] < 2 ** 16 && block[0] <= 1024, `${file}: ${grid}, ${block}`);
        }
      }
    }
  }
});

const compiler = hostCompiler();
const onHost = compiler ? kernels : kernels.skip;

onHost('in CUDA C++ answer as their references do, emulated', async () => {
  const fits = (task: KernelTask) => (text: string, shape: Shape) =>
    threadsOf(text, task, shape) <= mostThreads;
  const cases = sourcesIn('cuda').flatMap((source) =>
    casesOf(source, shapesOf(source.task), 2, fits(source.task)),
  );
  assert.equal(await wrongSources(compiler!, cases), []);
});

const cpu = await cpuBackend.open().catch(() => undefined);
const onCpu = cpu ? kernels : kernels.skip;

onCpu('in C++ answer as their references do', async () => {
  // Two shapes of each: every setting is compiled by itself.
  const cases = sourcesIn('cpp').flatMap((source) => casesOf(source, shapesOf(source.task), 1).slice(0, 2));
  assert.equal(await wrongOn(cpu!, 'cpp', cases), []);
});

const onWebgpu = hasAdapter ? kernels : kernels.skip;

onWebgpu('in WGSL answer as their references do', async () => {
  const device = await openAdapter();
  const cases = sourcesIn('wgsl').flatMap((source) => casesOf(source, shapesOf(source.task), 2));
  assert.equal(await wrongOn(device, 'wgsl', cases), []);
  await device.close();
});

kernels.after(() => cpu?.close());
kernels.run();
