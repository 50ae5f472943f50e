import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadHost } from '../../../hardware-profiles/files.ts';
import { loadModel, zooNames } from '../../../models/files.ts';
import type { DenseDataType } from '../../../models/model.ts';
import { atCandidates, fullyConnected, normalisation, siteOf } from '../../../models/operators.ts';
import { callsOf } from '../../../sim/cost/operator-calls.ts';
import { surfacePoints } from '../../../sim/cost/surface-points.ts';
import { backwardOf } from '../../../sim/training/step/backward.ts';
import { normError, trainingUnit } from '../../../sim/training/step/training-unit.ts';
import { closeTo, roundHost, smallModel } from './jobs.ts';

const site = siteOf('after', 'candidate', 'fp16');
const backward = suite('training step: backward pass');

backward('has twice the FLOPs of the forward pass, of every operator of the zoo', () => {
  let compared = 0;
  for (const name of zooNames()) {
    for (const operator of loadModel(name).nets.flatMap(({ operators }) => operators)) {
      const forward = atCandidates(operator.flops, 96);
      const flops = backwardOf(operator, 96).reduce((sum, part) => sum + atCandidates(part.flops, 1), 0);
      assert.ok(closeTo(flops, 2 * forward), `${name} ${operator.name}: ${flops} against ${forward}`);
      compared++;
    }
  }
  assert.ok(compared > 50, `${compared}`);
});

backward('of a product is the products dY W and dYᵀ X', () => {
  const layer = fullyConnected(site, 'fc', { k: 256, n: 64 });
  const shapes = backwardOf(layer, 1000).map((part) => callsOf(part, 1)[0][0]);
  assert.equal(shapes, [
    // Through activation and bias: the gradient and the output read, a gradient written.
    { operator: 'elementwise', dataType: 'fp16', shape: { rows: 1000, n: 64, inputs: 2 } },
    { operator: 'gemm', dataType: 'fp16', shape: { m: 1000, n: 256, k: 64 } },
    { operator: 'gemm', dataType: 'fp16', shape: { m: 64, n: 256, k: 1000 } },
  ]);
});

backward('goes through no epilogue where a layer has none, or hands on one number', () => {
  const kinds = (layer: ReturnType<typeof fullyConnected>) => backwardOf(layer, 10).map(({ kind }) => kind);
  assert.equal(kinds(fullyConnected(site, 'fc', { k: 8, n: 4, bias: false })), ['gemm', 'gemm']);
  assert.equal(kinds(fullyConnected(site, 'fc', { k: 8, n: 1 })), ['gemm', 'gemm']);
});

backward('of what has no weights moves the gradient, the inputs and a gradient for each', () => {
  const [concat] = smallModel.nets[0].operators.filter(({ kind }) => kind === 'concat');
  assert.is(backwardOf(concat, 100)[0].bytes.fixed, atCandidates(concat.bytes, 100));
  const wukong = loadModel('wukong').nets[0].operators.find(({ kind }) => kind === 'elementwise')!;
  const { n, inputs } = wukong.shape;
  assert.is(backwardOf(wukong, 100)[0].bytes.fixed, (2 * inputs + 1) * n * 100 * 2);
});

backward('of a norm moves five tensors near the bandwidth of memory, however wide it is', () => {
  const unit = trainingUnit(loadHost('h200x8'));
  for (const n of [1024, 4096, 16_384, 262_144]) {
    const time = unit.backward(normalisation(site, 'norm', n, 'rms'), 4096);
    const bound = (5 * 4096 * n * 2) / 4.8e12;
    assert.ok(time.seconds > 0.5 * bound && time.seconds < 2 * bound + 4e-6, `${n}: ${time.seconds}`);
    assert.ok(time.logError >= normError && time.logError < 0.35, `${n}: ${time.logError}`);
  }
  // Without measurements: the roofline of two kernels.
  const round = trainingUnit(roundHost).backward(normalisation(site, 'norm', 4096, 'rms'), 1e5);
  const bytes = (5 * 4096 * 1e5 + 4096) * 2;
  assert.ok(closeTo(round.seconds, 2 * 4e-6 + bytes / 0.8e12));
});

backward('of a norm takes what PyTorch’s fastest kernels were measured to, as far as it says', () => {
  const host = loadHost('h200x8');
  const unit = trainingUnit(host);
  const columns = host.accelerators!.device.measured!.columns.filter(
    ({ operator, backend }) => operator === 'rms-norm-backward' && backend === 'python',
  );
  const errors = [...new Set(columns.map(({ dataType }) => dataType))].flatMap((dataType) => {
    const { shapes, seconds } = surfacePoints(columns.filter((column) => column.dataType === dataType));
    return shapes.map(({ rows, n }, index) => {
      const norm = { ...normalisation(site, 'norm', n, 'rms'), dataType: dataType as DenseDataType };
      return Math.log(unit.backward(norm, rows).seconds / seconds[index]);
    });
  });
  const meanOf = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  assert.is(errors.length, 12);
  assert.ok(Math.abs(meanOf(errors)) < 0.05);
  assert.is(Number(Math.sqrt(meanOf(errors.map((error) => error ** 2))).toFixed(2)), normError);
});

backward.run();

const update = suite('training step: table update');

const table = {
  rows: 10_000_000,
  dim: 64,
  dataType: 'fp16' as const,
  rowBytes: 128,
  skew: { kind: 'uniform' as const },
  bags: 8192,
  lookups: 81920,
};

update(
  'takes as long as the rows, moments and gradients at the bandwidth of gathers, where nothing was measured',
  () => {
    const unit = trainingUnit(roundHost);
    const { bytes } = unit.updateWork([table]);
    const distinct = 10_000_000 * -Math.expm1(-81920 / 10_000_000);
    assert.ok(closeTo(bytes, 2 * distinct * (128 + 32) + 8192 * 64 * 4 + 12 * 81920, 1e-6), `${bytes}`);
    assert.ok(closeTo(unit.update([table]).seconds, 4e-6 + bytes / 0.6e12));
    assert.is(unit.update([]).seconds, 0);
  },
);

update('by the measured kernel grows with tables, and is less as one kernel than as several', () => {
  const unit = trainingUnit(loadHost('h200x8'));
  const one = unit.update([table]);
  const three = unit.update([table, table, table]);
  assert.ok(one.evidence === 'measured' || one.evidence === 'fitted');
  assert.ok(three.seconds > one.seconds && three.seconds < 3 * one.seconds);
});

update('of a table of few rows does not wait for all lookups of a row one after the other', () => {
  const unit = trainingUnit(loadHost('h200x8'));
  const tiny = { ...table, rows: 1, bags: 65536, lookups: 65536 };
  const large = { ...tiny, rows: 10_000_000 };
  // It reads as many gradients and fewer rows: more than a few times as long would be a chain of them.
  assert.ok(unit.update([tiny]).seconds < 3 * unit.update([large]).seconds);
});

update('sorts lookups first, in more passes the more rows there are', () => {
  const unit = trainingUnit(roundHost);
  const bytesOf = (rows: number) => unit.sorted([{ ...table, rows }]).bytes / table.lookups;
  assert.is(bytesOf(200), 4 + 16 + 24);
  assert.is(bytesOf(10_000_000), 4 + 3 * 16 + 24);
  assert.is(unit.sorted([]).time.seconds, 0);
  const { time, bytes } = unit.sorted([table]);
  const { memory, efficiency, launchOverheadS } = roundHost.accelerators!.device;
  const streamed = bytes / (memory.bandwidthBytesPerS.value * efficiency.stream.value);
  assert.ok(closeTo(time.seconds, 5 * launchOverheadS.value + streamed));
});

update.run();
