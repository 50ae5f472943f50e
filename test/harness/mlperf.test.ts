import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { breakdownOf } from '../../harness/mlperf/breakdown.ts';
import { deploymentOf, meanPairs, pairsOfSamples } from '../../harness/mlperf/deployment.ts';
import { findAccelerator, findCpu } from '../../harness/mlperf/devices.ts';
import { isPredicted, predictRows, type RowPrediction } from '../../harness/mlperf/predict.ts';
import { publishedFile, readPublishedRows } from '../../harness/mlperf/published-rows.ts';
import { modelOnGpu } from '../../harness/mlperf/served-model.ts';
import { latencyAt } from '../../harness/mlperf/simulated.ts';
import { summaryOf } from '../../harness/mlperf/summary.ts';
import { type System, systemOf } from '../../harness/mlperf/system.ts';
import { planArm } from '../../sim/serving/plan.ts';
import { simulateReplication } from '../../sim/serving/replication.ts';
import { rankfleet } from '../cli/program.ts';
import { messageOf } from '../input-error.ts';

const published = readPublishedRows(publishedFile);

const h100: System = {
  model: 'DLRM-v2',
  accelerator: 'h100-sxm',
  accelerators: 1,
  cpu: 'xeon-8480-plus',
  sockets: 2,
  cross: 'int8',
  shareOnAccelerator: 1,
  notes: [],
};

/** A file with columns of the published one; its lines replace some fields of a row. */
function fileOf(folder: string, changes: Record<string, string>[]): string {
  const base: Record<string, string> = {
    round: 'v4.1',
    submitter: 'Somebody',
    system_name: 'a box',
    model: 'DLRM-v2 (DCNv2, multi-hot)',
    accuracy_target: '99%',
    scenario: 'Offline',
    accelerator_model: 'NVIDIA H100-SXM-80GB',
    accelerators_total: '1',
    host_cpu_model: 'Intel(R) Xeon(R) Platinum 8480C',
    result: '70000',
  };
  const quoted = (text: string) => (text.includes(',') ? `"${text}"` : text);
  const lines = changes.map((change) =>
    Object.values({ ...base, ...change })
      .map(quoted)
      .join(','),
  );
  const file = join(folder, 'rows.csv');
  writeFileSync(file, `${Object.keys(base).join(',')}\n${lines.join('\n')}\n`);
  return file;
}

function withFolder<Result>(use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-mlperf-'));
  const done = () => rmSync(folder, { recursive: true });
  const result = use(folder);
  if (result instanceof Promise) return result.finally(done) as Result;
  done();
  return result;
}

const rows = suite('MLPerf: published rows');

rows('are all read, and every system of the file has a profile', () => {
  assert.is(published.length, 172);
  for (const row of published) {
    assert.is(row.problem, undefined);
    const system = systemOf(row);
    assert.not.ok('missing' in system, JSON.stringify(system));
    if (row.scenario === 'Offline') assert.equal(row.latencyS, {});
  }
  const first = published.find(({ scenario, capPairs }) => scenario === 'Server' && capPairs === 102400)!;
  assert.ok(first.latencyS.p50! > 1e-3 && first.latencyS['p99.9']! < 0.1, 'seconds');
});

rows('names of devices are found in the words of many submitters', () => {
  const accelerators: Record<string, string> = {
    'NVIDIA H100-SXM-80GB': 'h100-sxm',
    'NVIDIA H100-SXM-80GB-02': 'h100-sxm',
    'NVIDIA H100-PCIe-80GB': 'h100-pcie',
    'NVIDIA H100 NVL': 'h100-nvl',
    'NVIDIA H200-SXM-141GB-CTS': 'h200-sxm',
    'NVIDIA H200-NVL-141GB': 'h200-nvl',
    'NVIDIA GH200 Grace Hopper Superchip 96GB': 'gh200-96gb',
    'NVIDIA GH200-144GB aarch64': 'gh200-144gb',
    'NVIDIA B200-SXM-180GB': 'b200',
    'NVIDIA A100-SXM-80GB CTS': 'a100-sxm-80gb',
    'NVIDIA A100-SXM4-40GB': 'a100-sxm-40gb',
    'NVIDIA A100-PCIe-80GB': 'a100-pcie-80gb',
    'NVIDIA A100-PCIE-40GB': 'a100-pcie-40gb',
    'NVIDIA A30': 'a30',
    'NVIDIA A10': 'a10',
    'NVIDIA A40': 'a40',
    'NVIDIA L40S': 'l40s',
    'NVIDIA L4': 'l4',
    'NVIDIA T4': 't4',
    'AMD Instinct™ MI300X': 'mi300x',
  };
  for (const [words, device] of Object.entries(accelerators)) {
    assert.equal(findAccelerator(words), { name: device }, words);
  }
  const cpus: Record<string, string> = {
    'INTEL(R) XEON(R) PLATINUM 8592+': 'xeon-8592-plus',
    'Intel(R) Xeon(R) Platinum 8480+': 'xeon-8480-plus',
    'Intel(R) Xeon(R) Platinum 8380 CPU @ 2.30GHz': 'xeon-8380',
    'Intel(R) Xeon(R) 6980P': 'xeon-6980p',
    'AMD EPYC 9755 128-Core Processor': 'epyc-9755',
  };
  for (const [words, device] of Object.entries(cpus)) assert.equal(findCpu(words), { name: device }, words);
  for (const words of ['NVIDIA A10G', 'NVIDIA A2', 'NVIDIA GB300', 'Qualcomm AI 100', 'TPU v5e']) {
    assert.match(JSON.stringify(findAccelerator(words)), /no profile for '.*add a device file/, words);
  }
  const slice = findAccelerator('NVIDIA A100-SXM-80GB (1x1g.10gb MIG)');
  assert.match(JSON.stringify(slice), /slices of a device/);
});

rows('that cannot be predicted are listed with the reason, and stop nothing', () =>
  withFolder(async (folder) => {
    const file = fileOf(folder, [
      { accelerator_model: 'Wonder 9000' },
      { accelerator_model: 'N/A', accelerators_total: '0', host_cpu_model: 'Z80' },
      { result: 'fast' },
      { model: 'BERT' },
      { scenario: 'MultiStream' },
      { accelerators_total: '0' },
      { host_cpu_model: 'Z80' },
    ]);
    const outcomes = await predictRows(readPublishedRows(file));
    const reasons = outcomes.map((outcome) => (isPredicted(outcome) ? '' : outcome.missing));
    assert.match(reasons[0], /no profile for 'Wonder 9000'/);
    assert.match(reasons[1], /no profile for 'Z80'/);
    assert.match(reasons[2], /result 'fast' is no number/);
    assert.match(reasons[3], /model 'BERT' is no DLRM/);
    assert.match(reasons[4], /scenario 'MultiStream'/);
    assert.match(reasons[5], /accelerators_total/);
    // The CPU of a GPU system only starts batches.
    assert.is(reasons[6], '');
    assert.is(summaryOf(outcomes).unpredicted, 6);
  }),
);

rows('a file that is none of this kind is bad input', () =>
  withFolder((folder) => {
    const file = join(folder, 'other.csv');
    writeFileSync(file, 'a,b\n1,2\n');
    assert.match(
      messageOf(() => readPublishedRows(file)),
      /has no column round, submitter/,
    );
    writeFileSync(file, 'a,b\n');
    assert.match(
      messageOf(() => readPublishedRows(file)),
      /holds no rows/,
    );
    assert.match(
      messageOf(() => readPublishedRows(join(folder, 'none.csv'))),
      /no such file/,
    );
  }),
);

const models = suite('MLPerf: models as engines build them');

models('tables take a byte a value; layers keep their arithmetic but for filled-up inputs', () => {
  const v2 = modelOnGpu('DLRM-v2', 'fp16').nets[0];
  const bytes = v2.tables.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  assert.is(bytes, 204_184_588 * 128);
  for (const { kind, dataType } of v2.operators) {
    assert.is(dataType, kind === 'cross-low-rank' ? 'fp16' : 'int8');
    assert.is.not(kind, 'concat');
  }
  const flops = (net: typeof v2) => net.operators.reduce((sum, each) => sum + each.flops.perCandidate, 0);
  // 16.03 million multiply-adds, 3 × 2 × 3,456 FLOPs beside the products of the cross layers, three inputs filled up.
  const multiplyAdds = (flops(v2) - 3 * 2 * 3456 - 2 * 3 * 512) / 2;
  assert.ok(Math.abs(multiplyAdds / 16.03e6 - 1) < 1e-3, `${multiplyAdds}`);
  const v1 = modelOnGpu('DLRM-v1', 'int8').nets[0];
  assert.equal(
    v1.operators.map(({ kind }) => kind),
    ['fused-mlp', 'gemm', 'gemm', 'gemm', 'gemm', 'gemm'],
  );
  assert.is(v1.operators[1].shape.k, 512);
  assert.is(v1.operators[0].flops.perCandidate, 2 * (16 * 512 + 512 * 256 + 256 * 128));
  // Of the fused bottom layers memory sees 16 bytes in and 128 out.
  assert.is(v1.operators[0].bytes.perCandidate, 144);
  // The lookup with its dot products: the dense vector in, 479 products in 512 bytes out.
  const handedOn = v1.tables.reduce((sum, table) => sum + table.embeddingDim * table.handedOnBytes!, 0);
  assert.ok(Math.abs(handedOn - (128 + 512)) < 1e-9, `${handedOn}`);
});

models('samples have twenty sizes with the mean of the benchmark', () => {
  assert.is(pairsOfSamples.length, 20);
  const mean = pairsOfSamples.reduce((sum, pairs) => sum + pairs, 0) / 20;
  assert.ok(Math.abs(mean / meanPairs - 1) < 1e-3);
});

const predictions = suite('MLPerf: predictions');

predictions('Offline is full batches back to back: what the operators take one by one', () =>
  withFolder(async (folder) => {
    const eight = { accelerators_total: '8' };
    const file = fileOf(folder, [{}, eight, { accuracy_target: '99.9%' }, { round: 'v3.1' }]);
    const [one, all, accurate, early] = (await predictRows(readPublishedRows(file))) as RowPrediction[];
    const parts = breakdownOf(one).parts.reduce((sum, { secondsPerPair }) => sum + secondsPerPair, 0);
    const expected = 1 / parts / meanPairs;
    const ratio = one.throughput.predicted / expected;
    assert.ok(Math.abs(ratio - 1) < 0.02, `${one.throughput.predicted} beside ${expected}`);
    assert.is(all.throughput.predicted, 8 * one.throughput.predicted);
    // fp16 cross layers for 99.9 %, and for everything before v4.0.
    assert.equal([one.system.cross, accurate.system.cross, early.system.cross], ['int8', 'fp16', 'fp16']);
    assert.ok(accurate.throughput.predicted < 0.9 * one.throughput.predicted);
    assert.is(one.throughput.error, one.throughput.predicted / 70000 - 1);
  }),
);

predictions('depend on no published result but the rate of a Server row', () =>
  withFolder(async (folder) => {
    const rates = ['1', '70000', '1e9'].map((result) => ({ result }));
    const offline = (await predictRows(readPublishedRows(fileOf(folder, rates)))) as RowPrediction[];
    for (const { throughput } of offline) assert.is(throughput.predicted, offline[0].throughput.predicted);
    const sent = ['30000', '60000', '1e9'].map((result) => ({ result, scenario: 'Server' }));
    const server = (await predictRows(readPublishedRows(fileOf(folder, sent)))) as RowPrediction[];
    assert.equal(
      server.map(({ isSaturated }) => isSaturated),
      [false, false, true],
    );
    assert.is(server[2].latency, undefined);
    assert.ok(server[0].latency!.p99.predicted < server[1].latency!.p99.predicted);
    assert.ok(server[0].load! < server[1].load! && server[1].load! < 1);
  }),
);

predictions('one accelerator with every fourth sample answers as fast as four in turn', async () => {
  const rate = 4 * 50_000;
  const one = await latencyAt({ ...h100, accelerators: 4 }, 20_000, rate);
  const alone = deploymentOf(h100, 20_000, { kind: 'poisson', rate }, 160_000);
  const four = { ...alone, main: { ...alone.main, replicas: 4 } };
  const { percentiles } = simulateReplication(await planArm(four), { seed: 9, replication: 0 });
  for (const name of ['p50', 'p90', 'p99'] as const) {
    const ratio = one.latencyS[name] / percentiles[name];
    assert.ok(Math.abs(ratio - 1) < 0.08, `${name}: ${one.latencyS[name]} beside ${percentiles[name]}`);
  }
});

predictions('tables that do not fit are cached, the rest read over the link', () => {
  const l4 = { ...h100, accelerator: 'l4', shareOnAccelerator: 0.3 };
  const arm = deploymentOf(l4, 1400, { kind: 'serial', gap: 0 }, 1);
  assert.is(arm.accelerated!.tables, 'cached');
  assert.ok(Math.abs(arm.accelerated!.cacheBytes! / (0.3 * 204_184_588 * 128) - 1) < 1e-9);
  const untold = deploymentOf({ ...l4, shareOnAccelerator: 1 }, 1400, { kind: 'serial', gap: 0 }, 1);
  assert.is(untold.accelerated!.cacheBytes, 24e9 * 0.9);
  assert.is(deploymentOf(h100, 1400, { kind: 'serial', gap: 0 }, 1).accelerated!.tables, 'replicated');
});

const command = suite('MLPerf: command');

command('prints rows, sums and what they are worth; JSON holds the same', () => {
  const text = rankfleet(['accuracy', '--mlperf', '--system', 'ASROCKRACK', '--verbose']);
  assert.is(text.status, 0, text.stderr);
  assert.match(text.stdout, /simulated and unverified; they are not MLPerf results/);
  assert.match(text.stdout, /Offline: samples per second/);
  assert.match(text.stdout, /1 × l4/);
  assert.match(text.stdout, /cross-0/);
  const { status, stdout } = rankfleet(['accuracy', '--mlperf', '--system', 'ASROCKRACK', '--json']);
  assert.is(status, 0);
  const { rows: found, summary } = JSON.parse(stdout);
  assert.is(found.length, 4);
  assert.is(summary.offline.rows, 2);
  assert.ok(found[0].throughput.predicted > 0 && found[0].breakdown.parts.length > 5);
});

command('options that fit nothing are bad input', () => {
  const cases: [string[], RegExp][] = [
    [['--data', 'x.csv'], /--data has no meaning without --mlperf/],
    [['--mlperf', '--device', 'h200-sxm'], /--device chooses measurements/],
    [['--mlperf', '--system', 'no such box'], /'no such box'/],
    [['--mlperf', '--data', 'no-such.csv'], /no such file/],
  ];
  for (const [options, message] of cases) {
    const { status, stderr } = rankfleet(['accuracy', ...options]);
    assert.is(status, 2, options.join(' '));
    assert.match(stderr, message);
  }
});

rows.run();
models.run();
predictions.run();
command.run();
