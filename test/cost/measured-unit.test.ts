import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadHost } from '../../hardware-profiles/files.ts';
import type { Shape } from '../../hardware-profiles/operators-measured.ts';
import { loadModel, zooNames } from '../../models/files.ts';
import { atCandidates, elementwise, fullyConnected, siteOf } from '../../models/operators.ts';
import { crossLayer } from '../../models/operators-interaction.ts';
import { acceleratorUnit, coreUnit, costErrors, type TableLookup } from '../../sim/cost/cost-unit.ts';
import { gatherBandwidth } from '../../sim/cost/gather-bandwidth.ts';
import { callsOf } from '../../sim/cost/operator-calls.ts';
import { operatorWork, storedRowBytes, touchedBytes } from '../../sim/cost/work.ts';
import { drawShapes, gpu, hostWith, measure, measurementsOf } from './synthetic.ts';

const work = suite('work of measured operators');

work('of a product: 2mnk, and each matrix once', () => {
  const shape = { m: 3, n: 5, k: 7 };
  assert.equal(operatorWork('gemm', 'fp16', shape), { flops: 210, bytes: 142, rereadBytes: 0, depth: 7 });
  assert.is(operatorWork('gemm', 'fp8', shape).bytes, 21 + 35 + 30);
  assert.is(operatorWork('gemm', 'fp32', shape).bytes, 284);
});

work('of rows: whole sectors, on average over where rows begin', () => {
  assert.is(touchedBytes(128, 32), 128);
  assert.is(touchedBytes(16, 32), 32);
  assert.is(touchedBytes(136, 32), 160);
  // By hand: rows of 20 bytes begin at every multiple of 4 in a sector of 32.
  const starts = Array.from({ length: 8 }, (_, i) => 4 * i);
  const sectors = starts.map((start) => Math.floor((start + 19) / 32) - Math.floor(start / 32) + 1);
  assert.is(touchedBytes(20, 32), (sectors.reduce((a, b) => a + b) / 8) * 32);
  assert.is(storedRowBytes('int4', 64), 36);
});

work('of a lookup: different rows from memory, the others again', () => {
  const far = operatorWork('embedding-bag', 'fp32', { rows: 1e9, dim: 32, pooling: 10, bags: 100, skew: 0 });
  assert.ok(Math.abs(far.bytes / (1000 * 128 + 4000 + 100 * 128) - 1) < 1e-6);
  const near = operatorWork('embedding-bag', 'fp32', { rows: 10, dim: 32, pooling: 10, bags: 100, skew: 0 });
  assert.ok(Math.abs(near.bytes / (10 * 128 + 4000 + 100 * 128) - 1) < 1e-6);
  assert.ok(Math.abs(near.bytes + near.rereadBytes - (1000 * 128 + 4000 + 100 * 128)) < 1e-6);
  const skewed = operatorWork('embedding-bag', 'fp32', {
    rows: 1e6,
    dim: 32,
    pooling: 10,
    bags: 1e4,
    skew: 1.05,
  });
  const even = operatorWork('embedding-bag', 'fp32', { rows: 1e6, dim: 32, pooling: 10, bags: 1e4, skew: 0 });
  assert.ok(skewed.bytes < 0.7 * even.bytes);
});

work('of jagged attention: the mean square of lengths drawn evenly from 1 to twice the mean less one', () => {
  const length = 8;
  const lengths = Array.from({ length: 2 * length - 1 }, (_, i) => i + 1);
  const meanSquare = lengths.reduce((sum, l) => sum + l * l, 0) / lengths.length;
  const shape = { batch: 3, heads: 2, length, dim: 16 };
  assert.is(operatorWork('attention-jagged', 'fp16', shape).flops, 4 * 3 * 2 * 16 * meanSquare);
});

work('of what an operator of a model is measured as has the FLOPs and bytes of the model', () => {
  let compared = 0;
  for (const name of zooNames()) {
    for (const operator of loadModel(name).nets.flatMap((net) => net.operators)) {
      for (const calls of callsOf(operator, 96)) {
        const flops = calls.reduce(
          (sum, call) => sum + operatorWork(call.operator, call.dataType, call.shape).flops,
          0,
        );
        const stated = atCandidates(operator.flops, 96);
        if (operator.kind === 'activation' || stated === 0) continue;
        // Cross layers count the sum with x in some places and not in others: at most one FLOP in 4r.
        const tolerance = operator.kind === 'cross-low-rank' ? 0.02 : 1e-9;
        assert.ok(Math.abs(flops / stated - 1) < tolerance, `${name} ${operator.name}: ${flops} ${stated}`);
        compared++;
      }
    }
  }
  assert.ok(compared > 50, `${compared}`);
});

work.run();

const units = suite('units by measurement');

/** 2 µs, 80 TFLOP/s, 0.9 TB/s. */
const gemmLaw = ({ m, n, k }: Shape) =>
  2e-6 + Math.max((2 * m * n * k) / 8e13, (2 * (m * k + n * k + m * n)) / 9e11);
const gemms = measure(
  { operator: 'gemm', implementation: 'cublaslt' },
  drawShapes(200, { m: [1, 65536], n: [64, 4096], k: [64, 4096] }),
  gemmLaw,
);
const rowLaw = ({ dim, pooling, bags }: Shape) =>
  2e-6 + (bags * pooling * (dim * 2 + 4) + bags * dim * 2) / 6e11;
const lookups = measure(
  { operator: 'embedding-bag' },
  drawShapes(150, { rows: [1e6, 4e7], dim: [16, 256], pooling: [1, 100], bags: [64, 16384] }).map(
    (shape) => ({
      ...shape,
      dim: 16 * Math.round(shape.dim / 16),
      skew: 0,
    }),
  ),
  rowLaw,
);
const passes = measure(
  { operator: 'elementwise' },
  drawShapes(60, { rows: [1, 65536], n: [64, 4096], inputs: [2, 3] }),
  ({ rows, n, inputs }) => 2e-6 + ((inputs + 1) * rows * n * 2) / 9e11,
);
const device = gpu({ measured: measurementsOf([...gemms, ...lookups, ...passes]) });
const unit = acceleratorUnit(hostWith(device));
const site = siteOf('before', 'candidate', 'fp16');

units('run a layer as the product that was measured: exactly where it was, else close to it', () => {
  const [{ shape, medianS }] = gemms;
  const layer = fullyConnected(site, 'fc', { k: shape.k, n: shape.n });
  const exact = unit.operator(layer, shape.m);
  assert.is(exact.seconds, medianS);
  assert.is(exact.evidence, 'measured');
  const between = unit.operator(fullyConnected(site, 'fc', { k: 700, n: 300 }), 5000);
  const expected = gemmLaw({ m: 5000, n: 300, k: 700 });
  assert.ok(Math.abs(between.seconds / expected - 1) < 0.1, `${between.seconds} ${expected}`);
  assert.is(between.evidence, 'fitted');
  assert.ok(between.logError > 0);
});

units('compose a cross layer that has no surface of its own', () => {
  const cross = unit.operator(crossLayer(site, 'cross', { d: 512, r: 64 }), 4096);
  const expected =
    gemmLaw({ m: 4096, n: 64, k: 512 }) +
    gemmLaw({ m: 4096, n: 512, k: 64 }) +
    2e-6 +
    (4 * 4096 * 512 * 2) / 9e11;
  assert.ok(Math.abs(cross.seconds / expected - 1) < 0.15, `${cross.seconds} ${expected}`);
});

units('take bf16 for fp16 with less evidence, and the roofline for what nothing is like', () => {
  const bf16 = { ...site, dataType: 'bf16' as const };
  const layer = (of: typeof site) => fullyConnected(of, 'fc', { k: 700, n: 300 });
  const other = unit.operator(layer(bf16), 5000);
  assert.is(other.seconds, unit.operator(layer(site), 5000).seconds);
  assert.is(other.evidence, 'transferred');
  const fp32 = unit.operator(layer({ ...site, dataType: 'fp32' as const }), 5000);
  assert.is(fp32.logError, 0);
  assert.is(fp32.evidence, 'datasheet');
});

const table = (given: Partial<TableLookup> = {}): TableLookup => ({
  rows: 1e7,
  dim: 64,
  dataType: 'fp16',
  rowBytes: 128,
  skew: { kind: 'uniform' },
  bags: 1024,
  lookups: 20480,
  ...given,
});

units('look tables up in one kernel: the work of all, the latency of one', () => {
  const one = unit.lookup([table()]).seconds;
  const expected = rowLaw({ dim: 64, pooling: 20, bags: 1024 });
  assert.ok(Math.abs(one / expected - 1) < 0.15, `${one} ${expected}`);
  const eight = unit.lookup(Array.from({ length: 8 }, () => table())).seconds;
  const fused = rowLaw({ dim: 64, pooling: 20, bags: 8 * 1024 });
  assert.ok(Math.abs(eight / fused - 1) < 0.15, `${eight} ${fused}`);
  assert.ok(eight < 8 * one);
  const empty = unit.lookup([table(), table({ lookups: 0 })]).seconds;
  assert.is(empty, one);
});

units('copy and exchange as measured; among more devices with as many bytes sent by each', () => {
  const sizes = [256, 4096, 65536, 2 ** 20, 2 ** 24];
  const copyLaw = ({ bytes }: Shape) => 8e-6 + bytes / 5e10;
  const exchangeLaw = ({ bytes }: Shape) => 12e-6 + bytes / 2 / 3e11;
  const linked = gpu({
    measured: measurementsOf([
      ...measure(
        { operator: 'copy-to-device', dataType: 'bytes' },
        sizes.map((bytes) => ({ bytes, pinned: 1 })),
        copyLaw,
      ),
      ...measure(
        { operator: 'all-to-all', dataType: 'fp32', backend: 'python' },
        sizes.map((bytes) => ({ devices: 2, bytes })),
        exchangeLaw,
      ),
    ]),
  });
  const { copyIn, copyOut, allToAll } = acceleratorUnit(hostWith(linked));
  assert.is(copyIn(65536).seconds, copyLaw({ bytes: 65536 }));
  assert.ok(Math.abs(copyIn(2e5).seconds / copyLaw({ bytes: 2e5 }) - 1) < 0.1);
  assert.is(copyOut(65536).evidence, 'datasheet');
  assert.is(allToAll(2, 4096).seconds, exchangeLaw({ bytes: 4096 }));
  assert.is(allToAll(2, 4096).evidence, 'measured');
  const eight = allToAll(8, 2 ** 20);
  assert.is(eight.evidence, 'transferred');
  assert.ok(eight.logError > allToAll(4, 2 ** 20).logError);
  // Of 1 MiB each of eight keeps an eighth: as two do with 7/4 MiB.
  const expected = exchangeLaw({ bytes: (2 ** 20 * 7) / 4 });
  assert.ok(Math.abs(eight.seconds / expected - 1) < 0.1);
});

units('of a core use what was measured on one core', () => {
  const host = loadHost('sc-large');
  const shapes = drawShapes(60, { m: [1, 512], n: [64, 1024], k: [64, 1024] });
  const law = (cores: number) => (shape: Shape) => gemmLaw(shape) / cores;
  const on = (cores: number) =>
    measure({ operator: 'gemm', dataType: 'fp32', backend: 'cpu', cores }, shapes, law(cores));
  const gathers = [1, 2, 4, 8, 16, 20].map((busy) => ({ bytes: 2 ** 28, rowBytes: 128, busy }));
  const rate = (busy: number) => Math.min(busy * 3e9, 40e9);
  const gather = measure(
    { operator: 'memory-gather', dataType: 'bytes', backend: 'cpu', cores: 1 },
    gathers,
    ({ bytes, busy }) => bytes / rate(busy),
  );
  const cpu = { ...host.cpu, measured: measurementsOf([...on(1), ...on(20), ...gather]) };
  const [shape] = shapes;
  const layer = fullyConnected({ ...site, dataType: 'fp32' }, 'fc', { k: shape.k, n: shape.n });
  const time = coreUnit({ ...host, cpu }).operator(layer, shape.m);
  assert.is(time.seconds, law(1)(shape));
  const bandwidth = gatherBandwidth(cpu);
  assert.ok(Math.abs(bandwidth.coreBytesPerS / 3e9 - 1) < 1e-9);
  assert.ok(Math.abs(bandwidth.socketBytesPerS / 40e9 - 1) < 0.05);
  assert.is(bandwidth.evidence, 'measured');
  const plain = gatherBandwidth(host.cpu);
  assert.is(plain.coreBytesPerS, host.cpu.coreBandwidthBytesPerS!.value);
  assert.is(plain.evidence, 'assumed');
});

units('give a time of its own to every size, and a longer one to twice the size', () => {
  const layer = fullyConnected(site, 'fc', { k: 300, n: 200 });
  const times = Array.from({ length: 3000 }, (_, m) => unit.operator(layer, m + 1).seconds);
  assert.ok(new Set(times).size > 2900);
  for (let m = 1000; m <= 1500; m++) assert.ok(times[2 * m - 1] > times[m - 1]);
});

units.run();

const errors = suite('errors of the cost model');

const key = { seed: 1, replication: 3 };

errors('are none unless a replication asks for them', () => {
  assert.is(costErrors(key)('h200-sxm gemm fp16', 0.3), 1);
  assert.is.not(costErrors({ ...key, withCostErrors: true })('h200-sxm gemm fp16', 0.3), 1);
  assert.is(costErrors({ ...key, withCostErrors: true })('h200-sxm gemm fp16', 0), 1);
});

errors('are the same in every arm of a replication, and differ between surfaces and replications', () => {
  const of = (replication: number, surface: string) =>
    costErrors({ ...key, replication, withCostErrors: true })(surface, 0.3);
  assert.is(of(0, 'a gemm fp16'), of(0, 'a gemm fp16'));
  assert.is.not(of(0, 'a gemm fp16'), of(1, 'a gemm fp16'));
  assert.is.not(of(0, 'a gemm fp16'), of(0, 'a gemm fp32'));
});

errors('have the spread that is asked for, in log time', () => {
  const logs = Array.from({ length: 4000 }, (_, replication) =>
    Math.log(costErrors({ seed: 9, replication, withCostErrors: true })('a gemm fp16', 0.2)),
  );
  const mean = logs.reduce((a, b) => a + b) / logs.length;
  const spread = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length);
  assert.ok(Math.abs(mean) < 0.015, `${mean}`);
  assert.ok(Math.abs(spread - 0.2) < 0.01, `${spread}`);
});

errors('scale the times of a unit', () => {
  const off = acceleratorUnit(hostWith(device), (surface, logError) =>
    surface === 'test-gpu gemm fp16' ? Math.exp(logError) : 1,
  );
  const layer = fullyConnected(site, 'fc', { k: 700, n: 300 });
  const { seconds, logError } = unit.operator(layer, 5000);
  assert.ok(Math.abs(off.operator(layer, 5000).seconds / (seconds * Math.exp(logError)) - 1) < 1e-12);
  assert.is(off.lookup([table()]).seconds, unit.lookup([table()]).seconds);
});

errors.run();

const wide = suite('passes over whole tensors');

wide('take as long wherever their rows end, and wide ones are known as well as narrow ones', () => {
  const onH200 = acceleratorUnit(loadHost('h200x8'));
  const long = elementwise(site, 'mix', 262_144, 4);
  const short = elementwise(site, 'mix', 2048, 4);
  const [whole, folded] = [onH200.operator(long, 512), onH200.operator(short, 128 * 512)];
  assert.is(whole.seconds, folded.seconds);
  assert.ok(whole.logError < 0.1, `${whole.logError}`);
  assert.equal(callsOf(elementwise(site, 'mix', 3000), 10)[0][0].shape, { rows: 20, n: 1500, inputs: 2 });
  assert.equal(callsOf(elementwise(site, 'mix', 2048), 10)[0][0].shape, { rows: 10, n: 2048, inputs: 2 });
});

wide.run();
