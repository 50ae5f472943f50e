import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { devicesNeeded, modelSpeedup } from '../../evolve/deploy/amdahl.ts';
import { applyToArm } from '../../evolve/deploy/apply.ts';
import { breakEven } from '../../evolve/deploy/break-even.ts';
import type { Deployment } from '../../evolve/deploy/deployment.ts';
import { dispatchRows, type Finalist, kindsOf, nearestRow } from '../../evolve/deploy/dispatch-table.ts';
import { measuredRows } from '../../evolve/deploy/measured-rows.ts';
import { writeEvolvedProfile } from '../../evolve/deploy/profile.ts';
import { busyShare, searchCost, sharedBy } from '../../evolve/deploy/search-cost.ts';
import type { Evaluation } from '../../evolve/evaluation.ts';
import type { KernelTask } from '../../evolve/kernel-task.ts';
import { loadDevice } from '../../hardware-profiles/files.ts';
import { readMeasurements } from '../../hardware-profiles/measurement-files.ts';
import { loadScenario } from '../../scenarios/files.ts';
import { coverageOf } from '../../sim/operators/coverage-of.ts';
import { Folder } from '../scenarios/folder.ts';
import { inFolder } from './searches.ts';

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.abs(expected), `${actual}, not ${expected}`);

const laws = suite('deployment: laws');

laws('a model is as fast as its parts let it be', () => {
  close(modelSpeedup([{ share: 0.75, speedup: 2 }]), 1.6);
  close(modelSpeedup([{ share: 0.5, speedup: 4 }]), 1.6);
  close(modelSpeedup([{ share: 0.1, speedup: 3.7 }]), 1 / (1 - 0.1 * (1 - 1 / 3.7)));
  close(
    modelSpeedup([
      { share: 0.3, speedup: 2 },
      { share: 0.2, speedup: 4 },
    ]),
    1 / (1 - 0.15 - 0.15),
  );
  assert.is(modelSpeedup([]), 1);
});

laws('a kernel that loses is not used', () => {
  assert.is(modelSpeedup([{ share: 0.9, speedup: 0.5 }]), 1);
});

laws('shares are of one whole', () => {
  assert.throws(
    () =>
      modelSpeedup([
        { share: 0.7, speedup: 2 },
        { share: 0.7, speedup: 2 },
      ]),
    /exceed the whole/,
  );
  assert.throws(() => modelSpeedup([{ share: 0.1, speedup: 0 }]), /is none/);
});

laws('60 % more throughput takes 37.5 % fewer devices, 25 % more takes 20 % fewer', () => {
  close(1 - devicesNeeded(1000, 1.6) / 1000, 0.375);
  close(1 - devicesNeeded(1000, 1.25) / 1000, 0.2);
});

laws('a search has paid when the devices that it saved ran for as long as it did', () => {
  const { savedDeviceHours, breakEvenHours, returnOnSearch } = breakEven(50, 10, 12);
  close(savedDeviceHours, 10 * 8760);
  close(breakEvenHours!, 5);
  close(returnOnSearch!, 1752);
  assert.is(breakEven(50, 0, 12).breakEvenHours, undefined);
  assert.is(breakEven(0, 10, 12).returnOnSearch, undefined);
});

laws('evaluators that share a device do not make it two', () => {
  const device = sharedBy(2, { ...described, details: {} });
  const run = { devices: 2, wallS: 3600, generationS: 1800, heldS: 1800 };
  const nodes = [{ evaluation: evaluated(1.2, 900) }, { evaluation: evaluated(1.2, 900), duplicateOf: 2 }];
  const cost = searchCost(device, [run], nodes);
  close(cost.heldDeviceHours, 1);
  close(cost.busyDeviceHours, 0.25);
  close(cost.agentHeldDeviceHours, 1);
  close(busyShare(cost)!, 0.25);
  assert.is(busyShare(searchCost(device, [], nodes)), undefined);
});

laws.run();

const dispatch = suite('deployment: dispatch');

const task: KernelTask = {
  name: 'rows',
  title: 'Rows',
  source: 'a test',
  operator: 'softmax',
  dataTypes: ['fp32'],
  search: [
    { shape: { rows: 64, n: 256 } },
    { shape: { rows: 4096, n: 256 } },
    { shape: { rows: 64, n: 8192 }, kind: 'long' },
  ],
  heldOut: [
    { shape: { rows: 70, n: 250 } },
    { shape: { rows: 5000, n: 257 } },
    { shape: { rows: 60, n: 9000 }, kind: 'long' },
  ],
};

/** Speedups by shape, search shapes first. */
function finalist(node: number, means: readonly number[], half = 0.05): Finalist {
  const timings = [...task.search, ...task.heldOut].map(({ shape }, index) => ({
    shape,
    candidateS: 1e-4 / means[index],
    referenceS: 1e-4,
    speedup: { mean: means[index], low: means[index] - half, high: means[index] + half },
    error: 1e-7,
    tolerance: 1e-5,
    speedOfLight: 0.5,
    achievedBytesPerS: 1e11,
    achievedFlopPerS: 1e10,
  }));
  const evaluation = { score: 1, reference: 'torch.compile', timings, spentS: {}, deviceHeldS: 1 };
  return { node, kernel: `kernel-${node}`, evaluation };
}

const small = finalist(2, [2, 0.5, 1.5, 1.9, 0.4, 1.4]);
const large = finalist(3, [1.2, 3, 0.6, 1.1, 2.8, 0.5]);

dispatch('rows tell what each was timed against', () => {
  const { evaluation, ...rest } = small;
  const timings = evaluation.timings.map((each, index) =>
    index === 1 ? { ...each, reference: 'rankfleet' } : each,
  );
  const rows = dispatchRows(task, [{ ...rest, evaluation: { ...evaluation, timings } }]);
  const [first, second] = rows.map(({ reference }) => reference);
  assert.equal([first, second], ['torch.compile', 'rankfleet']);
});

dispatch('each shape of the search takes the kernel that is fastest there', () => {
  const rows = dispatchRows(task, [small, large]);
  assert.equal(
    rows.map(({ kernel, use }) => [kernel, use]),
    [
      ['kernel-2', 'kernel'],
      ['kernel-3', 'kernel'],
      ['kernel-2', 'kernel'],
      ['kernel-2', 'kernel'],
      ['kernel-3', 'kernel'],
      ['kernel-2', 'kernel'],
    ],
  );
});

dispatch('a held-out shape takes the kernel of its neighbour, though another would be faster there', () => {
  const other = finalist(4, [1.1, 1.1, 1.1, 9, 9, 9]);
  const rows = dispatchRows(task, [small, large, other]).filter(({ isHeldOut }) => isHeldOut);
  assert.equal(
    rows.map(({ kernel }) => kernel),
    ['kernel-2', 'kernel-3', 'kernel-2'],
  );
});

dispatch('a shape on which every kernel loses falls back, and so does one that is not surely won', () => {
  const rows = dispatchRows(task, [finalist(2, [2, 0.5, 1.02, 1.9, 0.4, 1.4])]);
  assert.equal(
    rows.map(({ use }) => use),
    ['kernel', 'fallback', 'fallback', 'kernel', 'fallback', 'kernel'],
  );
  assert.equal(
    rows.map(({ isRegression }) => isRegression),
    [false, true, false, false, true, false],
  );
});

dispatch('kinds of shapes are summed up apart, and a fallback counts as 1', () => {
  const rows = dispatchRows(task, [finalist(2, [2, 0.5, 4, 1, 1, 4], 0.01)]);
  const [others, long] = kindsOf(rows);
  assert.is(others.kind, 'all others');
  close(others.speedup, 1);
  close(others.deployed, 2 ** (1 / 4));
  assert.is(others.kernels, 1);
  assert.is(long.kind, 'long');
  close(long.deployed, 4);
});

dispatch('the nearest row is near in the ratio of its axes', () => {
  const rows = [{ shape: { rows: 64, n: 256 } }, { shape: { rows: 4096, n: 256 } }];
  assert.is(nearestRow(rows, { shape: { rows: 500, n: 256 } }), rows[0]);
  assert.is(nearestRow(rows, { shape: { rows: 600, n: 256 } }), rows[1]);
});

dispatch.run();

const described = {
  name: 'NVIDIA H200',
  kind: 'gpu' as const,
  memoryBytes: 141e9,
  cacheBytes: 50e6,
  units: 132,
  versions: {},
  details: {},
};

function evaluated(score: number, deviceHeldS: number): Evaluation {
  return { score, reference: 'none', timings: [], spentS: {}, deviceHeldS };
}

/** A table of matrix products that are `speedup` times as fast as the reference in every shape. */
function products(speedup: number, use: 'kernel' | 'fallback' = 'kernel'): Deployment {
  const sizes = [64, 256, 1024, 4096];
  return {
    format: 'rankfleet-dispatch',
    version: 1,
    session: 1,
    task: 'products',
    operator: 'gemm',
    dataType: 'fp16',
    language: 'cuda',
    device: described.name,
    cores: 0,
    rows: sizes.map((m) => ({
      shape: { m, n: 512, k: 512 },
      isHeldOut: false,
      use,
      kernel: 'abc',
      kernelS: 1e-6 / speedup,
      referenceS: 1e-6,
      reference: 'cublaslt',
      speedup: { mean: speedup, low: 0.9 * speedup, high: 1.1 * speedup },
      error: 1e-4,
      tolerance: 1e-3,
      isRegression: speedup < 1,
    })),
    kinds: [],
    rejected: [],
  };
}

const fleet = suite('deployment: on a scenario');
const scratch = new Folder();
fleet.after(() => scratch.remove());
const wukongScenario = scratch.write(
  'wukong.yaml',
  `model: wukong
load: { arrivals: { kind: poisson, rate: 100 QPS }, candidates: { kind: fixed, value: 64 }, requests: 100 }
serving: { batch_size: whole-request, tables_on: accelerator }
fleet: { main: { host: h200x8, accelerators_used: 8 } }
arms: [{ name: alone, sharding: { strategy: singular } }]
`,
);
const { arms } = await loadScenario('gpu-serving');
const gpu = arms.find(({ name }) => name === 'one GPU')!;
const productType = coverageOf(gpu).find(({ kind }) => kind === 'gemm')!.dataType as Deployment['dataType'];

fleet('an arm becomes faster by the share of the operator, and does with fewer devices', () => {
  const table = { ...products(4), dataType: productType };
  const applied = applyToArm(gpu, table, { devices: 1000 });
  const lines = coverageOf(gpu).filter(({ device }) => device === applied.device);
  const total = lines.reduce((sum, { seconds }) => sum + seconds, 0);
  const own = lines.filter(({ measuredAs, kind }) => kind === 'gemm' && measuredAs?.[0].operator === 'gemm');
  const share = own.reduce((sum, { seconds }) => sum + seconds, 0) / total;
  assert.ok(share > 0.01, `share ${share}`);
  close(applied.share, share);
  close(applied.speedup.mean, 1 / (1 - share * 0.75));
  close(applied.devicesAfter.mean, 1000 / applied.speedup.mean);
  close(applied.devicesSaved.mean, 1000 - applied.devicesAfter.mean);
  const { low, mean, high } = applied.speedup;
  assert.ok(1 < low && low < mean && mean < high, `${low} … ${mean} … ${high}`);
});

fleet('an operator takes the row with the nearest axes, though another does as much work', () => {
  const call = coverageOf(gpu)
    .flatMap(({ calls = [] }) => calls)
    .find(({ operator }) => operator === 'gemm')!;
  const { m, n, k } = call.shape;
  const [row] = products(2).rows;
  const near = { ...row, shape: { m: 1.5 * m, n, k }, kernel: 'near' };
  // As many operations, and no axis alike.
  const far = { ...row, shape: { m: m / 8, n: 8 * n, k }, kernel: 'far' };
  const table = { ...products(2), dataType: productType, rows: [far, near] };
  const { replaced } = applyToArm(gpu, table, {});
  const same = replaced.find(({ shape }) => shape === `m ${Math.round(m * 10) / 10}, n ${n}, k ${k}`)!;
  assert.is(same.row.kernel, 'near');
  assert.is(same.matchedBy, 'axes');
  close(same.apart, (1 + 1.5 * m) / (1 + m));
});

fleet('a searched operator that a model has under another name is found by its axes, too', async () => {
  const { arms: wukong } = await loadScenario(wukongScenario);
  const [arm] = wukong;
  const lines = coverageOf(arm).filter(({ kind }) => kind === 'factorisation-machine');
  const [{ calls: [{ operator, shape }] = [] as never, dataType, flops }] = lines;
  assert.is(operator, 'optimised-fm');
  close(flops, 4 * shape.batch * shape.vectors * shape.dim * shape.rank);
  const table: Deployment = {
    ...products(2),
    operator,
    dataType: dataType as Deployment['dataType'],
    rows: [{ ...products(2).rows[0], shape }],
  };
  const { replaced } = applyToArm(arm, table, {});
  assert.is(replaced.length, lines.length);
  assert.equal([replaced[0].matchedBy, replaced[0].apart], ['axes', 1]);
  // The sum-square trick is another operator of the same kind.
  const sums = { batch: 1024, vectors: 24, dim: 224 };
  const other: Deployment = {
    ...table,
    operator: 'factorisation-machine',
    rows: [{ ...table.rows[0], shape: sums }],
  };
  assert.is(applyToArm(arm, other, {}).replaced.length, 0);
});

fleet('a kernel that was timed on more cores than one is carried over to a simulated core', () => {
  const table = { ...products(2), dataType: productType };
  const evidence = (cores: number) => {
    const { replaced } = applyToArm(gpu, { ...table, cores }, {});
    return replaced.map(({ evidence: each }) => each);
  };
  assert.ok(evidence(2).every((each) => each === 'transferred'));
  assert.ok(evidence(0).some((each) => each !== 'transferred'));
});

fleet('where everything falls back nothing changes', () => {
  const applied = applyToArm(gpu, { ...products(0.5, 'fallback'), dataType: productType }, {});
  assert.ok(applied.replaced.length > 0);
  assert.equal(applied.speedup, { mean: 1, low: 1, high: 1 });
  assert.is(applied.devicesSaved.mean, 0);
});

fleet('an operator that the model does not have brings nothing unless its share is stated', () => {
  const table: Deployment = {
    ...products(2),
    operator: 'top-k',
    rows: [{ ...products(2).rows[0], shape: { rows: 8, n: 64, k: 2 } }],
  };
  const applied = applyToArm(gpu, table, {});
  assert.is(applied.replaced.length, 0);
  assert.is(applied.speedup.mean, 1);
  const stated = applyToArm(gpu, table, { share: 0.75 });
  close(stated.speedup.mean, 1.6);
  assert.is(stated.evidence, 'assumed');
});

fleet('a missing kernel is a step: with one of two nothing is won', async () => {
  const split = (await loadScenario('missing-kernel')).arms.find(({ name }) => name === 'MTIA split')!;
  const table: Deployment = {
    ...products(2),
    operator: 'map-id',
    dataType: 'int32',
    rows: [{ ...products(2).rows[0], shape: { values: 10_000, ids: 1000 } }],
  };
  const { enablement } = applyToArm(split, table, {});
  assert.equal(enablement.missing.sort(), ['map-id', 'merge-bucketised-dense']);
  assert.equal(enablement.stillMissing, ['merge-bucketised-dense']);
  assert.is(enablement.tierHosts, 2);
});

fleet('rows become measurements and a profile that scenarios can name', async () => {
  await inFolder(async (folder) => {
    const table = products(2);
    const points = measuredRows(table, { rounds: 21 });
    assert.is(points.length, 4);
    const written = writeEvolvedProfile(folder, table, points, {
      about: described,
      date: '2026-01-02',
      version: '0',
    });
    assert.is(written.device, 'h200-sxm');
    const read = readMeasurements(written.folder);
    const own = read.points.filter(({ implementation }) => implementation === 'evolved');
    assert.equal(
      own.map(({ shape, medianS }) => [shape.m, medianS]),
      [
        [64, 5e-7],
        [256, 5e-7],
        [1024, 5e-7],
        [4096, 5e-7],
      ],
    );
    assert.is(read.points.length, written.before + 4);
    assert.ok(written.before > 1000, 'nothing of what was measured before');
    const device = loadDevice(join(folder, 'h200-sxm.yaml'));
    assert.is(device.measured?.points, written.before + 4);
  });
});

fleet('what falls back is no measurement', () => {
  assert.is(measuredRows(products(0.5, 'fallback'), { rounds: 21 }).length, 0);
});

fleet.run();
