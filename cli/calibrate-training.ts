import { cpus } from 'node:os';
import { join } from 'node:path';
import { counted } from '../foundation/counted.ts';
import { checkWritableFolder } from '../foundation/files.ts';
import { formatPercent, formatTime } from '../foundation/units.ts';
import { catalogueNames } from '../hardware-profiles/files.ts';
import { type MeasuredStep, modelWords, stepShapeWords } from '../hardware-profiles/training-steps.ts';
import { stepsFileName, trainingFolder } from '../hardware-profiles/training-steps-files.ts';
import type { StepPath, TrainingRun } from '../hardware-profiles/training-steps-schema.ts';
import { openDevice } from '../harness/backends.ts';
import { type DeviceDescription, DeviceUnavailable } from '../harness/device.ts';
import { deviceName } from '../harness/device-names.ts';
import type { PythonDevice } from '../harness/devices/python/device.ts';
import { ClockReadings, kernelHash } from '../harness/run-record.ts';
import { stepModel } from '../harness/training/step-model.ts';
import { type StepWish, stepPlan } from '../harness/training/step-plan.ts';
import { runStepSession, type StepSessionEnd } from '../harness/training/step-session.ts';
import { StepStore } from '../harness/training/step-store.ts';
import { textTable } from '../reports/text-table.ts';
import { stopOnInterrupt, today } from './calibrate.ts';
import { exitCodes } from './exit-codes.ts';
import { productVersion } from './product.ts';

export interface CalibrateTrainingOptions {
  index: number;
  name?: string;
  out: string;
  budget: number;
  seed: number;
  wish: StepWish;
  paths?: readonly StepPath[];
}

/** `rankfleet calibrate --training-steps`: measures whole training steps; returns the exit code. */
export async function calibrateTraining(options: CalibrateTrainingOptions): Promise<number> {
  checkWritableFolder(options.out, '--out');
  const shapes = stepPlan(options.wish);
  // Wrong models are told before a device is looked for.
  const models = new Map(shapes.map((shape) => [modelWords(shape), shape]));
  for (const shape of models.values()) stepModel(shape);
  const device = (await openDevice('python', options.index)) as PythonDevice;
  try {
    const about = await device.describe();
    if (about.details.framework !== 'PyTorch') {
      throw new DeviceUnavailable('python', [`${about.name}: by ${about.details.framework}, not by PyTorch`]);
    }
    const paths = options.paths ?? (about.kind === 'gpu' ? ['eager', 'graph'] : ['eager']);
    return await measure(device, about, shapes, paths, options);
  } finally {
    await device.close();
  }
}

async function measure(
  device: PythonDevice,
  about: DeviceDescription,
  shapes: ReturnType<typeof stepPlan>,
  paths: readonly StepPath[],
  { name: given, out, budget: budgetS, seed }: CalibrateTrainingOptions,
): Promise<number> {
  const name = given ?? deviceName(about.name);
  const date = today();
  const store = new StepStore(join(out, name, trainingFolder, date), name);
  const run = newRun(about, { date, budgetS, seed });
  store.begin(run);
  const clocks = new ClockReadings();
  const stop = stopOnInterrupt();
  const steps: MeasuredStep[] = [];
  const say = (line: string) => process.stderr.write(`${line}\n`);
  say(`measuring training steps on ${about.name}, at most ${formatTime(budgetS)}: ${shapes.length} shapes`);
  let end: StepSessionEnd | undefined;
  try {
    end = await runStepSession(device, shapes, {
      paths,
      budgetS,
      seed,
      date,
      software: `torch ${about.versions.torch}`,
      has: (shape, path) => store.has(shape, path),
      onStep: (step) => {
        store.add(step);
        steps.push(step);
        run.measured++;
        say(`${stepShapeWords(step)}, ${step.path}: ${formatTime(step.medianS)}`);
      },
      onSkipped: (without) => {
        run.skipped.push(without);
        say(`${without.shape}: skipped: ${without.reason}`);
      },
      onFailed: (without) => {
        run.failed.push(without);
        say(`${without.shape}: failed: ${without.reason}`);
      },
      betweenShapes: async () => {
        await clocks.read(device);
      },
      isStopped: stop.isStopped,
    });
    run.left = end.left;
  } finally {
    stop.release();
    run.clocks = clocks.summary();
    store.save();
  }
  process.stdout.write(report(about, steps, end, store));
  if (about.kind === 'gpu' && store.steps.length > 0) process.stdout.write(comparison(name, out, store));
  return store.steps.length > 0 ? exitCodes.answered : exitCodes.failed;
}

function newRun(
  { name, units, memoryBytes, cacheBytes, versions, details }: DeviceDescription,
  { date, budgetS, seed }: { date: string; budgetS: number; seed: number },
): TrainingRun {
  return {
    date,
    reported: { name, units, memory_bytes: memoryBytes, cache_bytes: cacheBytes, ...details },
    versions,
    clocks: {},
    harness: { version: productVersion(), kernels: kernelHash() },
    host_cpu: cpus()[0]?.model.trim() ?? 'unknown',
    budget_s: budgetS,
    seed,
    measured: 0,
    skipped: [],
    failed: [],
    left: 0,
  };
}

function report(
  about: DeviceDescription,
  steps: readonly MeasuredStep[],
  { measured, skipped, failed, left }: StepSessionEnd,
  store: StepStore,
): string {
  const head =
    `${about.name}: ${counted(measured, 'training step')} measured, ${counted(skipped, 'shape')} skipped, ` +
    `${failed} failed, ${left} left for want of time`;
  const table = textTable(
    [
      { title: 'step', align: 'left' },
      { title: 'path', align: 'left' },
      { title: 'median' },
      { title: 'spread' },
    ],
    steps.map((step) => [
      stepShapeWords(step),
      step.path,
      formatTime(step.medianS),
      formatPercent(step.spread),
    ]),
  );
  const written = `Written:\n  ${join(store.folder, stepsFileName)}`;
  return `${[head, ...(steps.length > 0 ? [table] : []), written].join('\n\n')}\n`;
}

/** How to compare with the simulator, which knows accelerators of the catalogue and those that were calibrated. */
function comparison(name: string, out: string, { folder }: StepStore): string {
  const device = catalogueNames('devices').includes(name) ? name : join(out, `${name}.yaml`);
  return `\nCompare with the simulator: rankfleet accuracy --device ${device} --training-steps ${folder}\n`;
}
