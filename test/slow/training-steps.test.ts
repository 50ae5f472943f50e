// time-limit: 300 s
// Importing PyTorch takes a while, where it is installed.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import { loadDevice } from '../../hardware-profiles/files.ts';
import type { StepDistillation, StepShape } from '../../hardware-profiles/training-steps.ts';
import { stepsOfDevice } from '../../hardware-profiles/training-steps-files.ts';
import { trainingAccuracy } from '../../harness/accuracy/training-accuracy.ts';
import { Unsupported } from '../../harness/device.ts';
import { workerCommand } from '../../harness/devices/python/interpreter.ts';
import { stepJob } from '../../harness/training/step-job.ts';
import { stepModel } from '../../harness/training/step-model.ts';
import { parseDistillation, parseScaledModel, stepPlan } from '../../harness/training/step-plan.ts';
import { atCandidates } from '../../models/operators.ts';
import { distillationOperators } from '../../sim/training/step/distillation-operators.ts';

const shapeOf = (text: string, distillation: StepDistillation = { kind: 'none' }): StepShape => ({
  ...parseScaledModel(text),
  dataType: 'fp32',
  examples: 8,
  devices: 1,
  distillation,
});

const plan = suite('training steps: plan');

plan('names models with their factors and what distils, and refuses what is neither', () => {
  assert.equal(parseScaledModel('wukong:rows=0.25:dense=8'), {
    model: 'wukong',
    factors: { tables: 1, rows: 0.25, dim: 1, dense: 8 },
  });
  assert.throws(() => parseScaledModel('wukong:row=2'), "no factor 'row', did you mean 'rows'?");
  assert.throws(() => parseScaledModel('wukong:rows=-1'), 'expected a number above 0');
  assert.equal(parseDistillation('heads=256+adapter=8'), {
    kind: 'auxiliary-heads',
    headWidth: 256,
    adapterWidth: 8,
  });
  for (const text of ['heads', 'heads=0', 'head=3', 'adapter=8']) {
    assert.throws(() => parseDistillation(text), 'expected none, one-head, heads=256');
  }
});

plan('has vertical and foundation models at every size and takes what is asked for', () => {
  const open = { models: undefined, examples: undefined, dataTypes: undefined, distillations: undefined };
  const all = stepPlan({ ...open, devices: 1 });
  assert.ok(all.length >= 40 && all.length <= 90, `${all.length}`);
  const asked = stepPlan({ ...open, devices: 2, examples: [7], dataTypes: ['tf32'] });
  assert.ok(
    asked.every(({ examples, dataType, devices }) => examples === 7 && dataType === 'tf32' && devices === 2),
  );
});

plan('tells why a model cannot be built', () => {
  const reasons: [model: string, reason: string][] = [
    ['hstu', 'sequence encoders'],
    ['ncf', 'interaction neumf'],
    ['drm1-like', '2 nets'],
  ];
  for (const [model, reason] of reasons) {
    assert.throws(
      () => stepJob(shapeOf(model), ['eager'], 1),
      (error: unknown) => error instanceof Unsupported && error.message.startsWith(reason),
    );
  }
});

plan.run();

const accuracy = suite('training steps: accuracy');

accuracy('compares every committed step with the simulator, part by part', () => {
  const steps = stepsOfDevice('h200-sxm')!;
  const found = trainingAccuracy(loadDevice('h200-sxm'), steps)!;
  const compared = found.steps.flatMap(({ measured }) => Object.values(measured));
  assert.is(compared.length, steps.steps.length);
  assert.ok(compared.every(({ error }) => error > -1 && Number.isFinite(error)));
  for (const share of ['measuredShare', 'simulatedShare'] as const) {
    const sum = found.parts.reduce((total, part) => total + part[share], 0);
    assert.ok(Math.abs(sum - 1) < 1e-9, `${share}: ${sum}`);
  }
  assert.ok(found.added.length >= 10);
  assert.ok(found.added.every(({ distillation }) => distillation !== 'none'));
  const [heads] = found.added.filter(({ distillation }) => distillation.includes('adapter'));
  assert.ok(heads.simulatedS > 0 && heads.measured.graph!.addedS > 0);
});

accuracy('refuses steps of a model that has changed since, and has none for a CPU', () => {
  const { steps, ...rest } = stepsOfDevice('h200-sxm')!;
  const changed = { ...rest, steps: [{ ...steps[0], parameters: steps[0].parameters + 1 }] };
  assert.throws(() => trainingAccuracy(loadDevice('h200-sxm'), changed), 'measure it again');
  assert.is(trainingAccuracy(loadDevice('epyc-turin-2c'), { ...rest, steps }), undefined);
});

accuracy.run();

const { interpreter } = workerCommand();
const hasTorch = spawnSync(interpreter, ['-c', 'import torch']).status === 0;

if (hasTorch) {
  const program = suite('training steps: the program, on this CPU');

  const models = [
    'wide-and-deep:rows=0.001',
    'mlperf-dlrm-v1:rows=0.0001:dense=0.25',
    'mlperf-dlrm-dcnv2:rows=0.0001:dense=0.1',
    'wukong:rows=0.00001:dense=0.02',
    'ads-ranking-like:rows=0.0001',
  ];

  /** What a script of Python prints about the jobs that it is given, as JSON. */
  function ask(script: string, jobs: readonly unknown[]): Record<string, number>[] {
    const { status, stdout, stderr } = spawnSync(interpreter, ['-B', '-c', script], {
      input: JSON.stringify(jobs),
      // One thread: small tensors, and others may use this machine.
      env: { ...process.env, OMP_NUM_THREADS: '1', PYTHONPATH: join(packageRoot, 'harness/python') },
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    assert.is(status, 0, stderr);
    return JSON.parse(stdout);
  }

  const heads: StepDistillation = { kind: 'auxiliary-heads', headWidth: 16, adapterWidth: 8 };

  program('has the parameters and the matrix FLOPs of the model, forward', () => {
    const script = `
import json, sys, torch
from torch.utils.flop_counter import FlopCounterMode
from rankfleet_worker.training_step import TrainingStep
answers = []
for job in json.load(sys.stdin):
    step = TrainingStep(job, torch.device("cpu"))
    with FlopCounterMode(display=False) as counter:
        step.served(0)
    answers.append({"parameters": sum(p.numel() for p in step.parameters), "flops": counter.get_total_flops()})
print(json.dumps(answers))`;
    const answers = ask(
      script,
      models.map((model) => stepJob(shapeOf(model), ['eager'], 1)),
    );
    models.forEach((text, index) => {
      const operators = stepModel(shapeOf(text)).nets.flatMap((net) => net.operators);
      const sum = (value: (operator: (typeof operators)[number]) => number) =>
        operators.reduce((total, operator) => total + value(operator), 0);
      assert.is(
        answers[index].parameters,
        sum(({ parameters }) => parameters),
        text,
      );
      // Products alone are counted; of a dot interaction the library makes both triangles and the diagonal.
      const products = sum((operator) => {
        const { kind, shape, flops } = operator;
        if (kind === 'dot-interaction') return 8 * 2 * shape.dim * shape.vectors ** 2;
        if (kind === 'cross-low-rank') return 8 * 4 * shape.d * shape.r;
        return ['gemm', 'factorisation-machine'].includes(kind) ? atCandidates(flops, 8) : 0;
      });
      assert.is(answers[index].flops, products, text);
    });
  });

  program('serves the same, bit by bit, whatever distils; heads learn and their gradients are finite', () => {
    const script = `
import json, sys, torch
from rankfleet_worker.training_step import TrainingStep
jobs = json.load(sys.stdin)
answers = []
for plain, distilled in zip(jobs[::2], jobs[1::2]):
    a, b = (TrainingStep(job, torch.device("cpu")) for job in (plain, distilled))
    same = bool(torch.equal(a.served(0), b.served(0)))
    own = [p.detach().clone() for p in b.heads.parameters()]
    error = b.checked_error()
    moved = all(not torch.equal(p, q) for p, q in zip(own, b.heads.parameters()))
    finite = all(bool(torch.isfinite(p.grad).all()) for p in b.parameters)
    heads = sum(p.numel() for p in b.heads.parameters())
    answers.append({"same": same, "moved": moved, "finite": finite, "error": error, "heads": heads})
print(json.dumps(answers))`;
    const jobs = models.flatMap((model) =>
      [{ kind: 'none' } as const, heads].map((each) => stepJob(shapeOf(model, each), ['eager'], 3)),
    );
    ask(script, jobs).forEach(({ same, moved, finite, error, heads: count }, index) => {
      const text = models[index];
      assert.ok(same && moved && finite, text);
      assert.ok(error < 1e-3, `${text}: ${error}`);
      const operators = distillationOperators(stepModel(shapeOf(text)), heads).filter(
        ({ name }) => !name.startsWith('student-adapter'),
      );
      assert.is(
        count,
        operators.reduce((sum, { parameters }) => sum + parameters, 0),
        text,
      );
    });
  });

  program('gives every path a time, each part one, and says what it has not', () => {
    const script = `
import json, sys, torch
from rankfleet_worker.training_measurement import measure_step
print(json.dumps([measure_step(job, torch.device("cpu")) for job in json.load(sys.stdin)]))`;
    const job = stepJob(shapeOf(models[0], heads), ['eager', 'graph'], 1);
    const [answer] = ask(script, [job]) as unknown as {
      paths: Record<string, { seconds: number[]; parts: Record<string, number>; failure?: string }>;
    }[];
    const { eager, graph } = answer.paths;
    assert.ok(eager.seconds.length >= 7 && eager.seconds.every((seconds) => seconds > 0));
    assert.equal(Object.keys(eager.parts), [
      'lookup',
      'top-forward',
      'loss-and-heads',
      'top-backward',
      'sort-lookups',
      'table-update',
      'dense-optimizer',
    ]);
    assert.match(graph.failure!, 'no path graph on this device: there are eager');
  });

  program.run();
} else {
  const skipped = suite('training steps: the program');
  skipped.skip(`needs PyTorch for ${interpreter}, which is not there`, () => {});
  skipped.run();
}
