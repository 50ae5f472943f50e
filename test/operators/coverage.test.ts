import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Model } from '../../models/model.ts';
import type { Coverage } from '../../sim/operators/coverage.ts';
import { coverageOf } from '../../sim/operators/coverage-of.ts';
import { at, type Component } from '../../sim/serving/components.ts';
import { modelOf } from '../models/fixtures.ts';
import { near, scenarioOf, simulate, sum, tiny, tinyModel } from '../serving/scenarios.ts';

const candidates = 96;

/** Lone requests of one batch each: nothing is random, and nothing waits. */
const lone = (rest: string) =>
  tiny(`
load: {candidates: {kind: fixed, value: ${candidates}}, requests: 20}
${rest}`);

const whole = 'serving: {batch_size: whole-request';
const singular = 'sharding: {strategy: singular}';
const onCores = `${singular}\n${whole}}`;

const transforms: Model = {
  ...tinyModel,
  preprocessing: modelOf(`name: transforms
nets:
  - {name: n, dense_features: 0, tables: [{name: t, num_embeddings: 9, embedding_dim: 4}], interaction: {kind: cat}, top_mlp: [1]}
preprocessing:
  - {operator: map-id, features: 8, values_per_user: 100, values_per_candidate: 4, table_ids: 4095}
  - {operator: hash, features: 5, values_per_candidate: 2, rows: 1000, fused: false}
`).preprocessing!,
};

/** The component of a request's time that an operator is part of. */
function componentOf({ kind, operator, isPreprocessing }: Coverage): Component {
  if (isPreprocessing) return 'preprocessing';
  if (kind === 'link') return operator === 'all-to-all' ? 'exchange' : 'copy';
  return kind === 'embedding-bag' || kind === 'memory-gather' ? 'sparse' : 'dense';
}

const seconds = suite('coverage: a lone batch takes as long as its operators');

const onAccelerator = (serving: string, more = '') =>
  lone(`${whole}, tables_on: accelerator${serving}}\nfleet: {main: {host: h100x8}}\n${singular}\n${more}`);

const cases: Record<string, { yaml: string; model?: Model; components: Component[] }> = {
  'on CPU cores': { yaml: lone(onCores), components: ['dense', 'sparse'] },
  'on CPU cores, narrow and pruned tables': {
    yaml: lone(`${onCores}\ntable_data_type: int8\npruning: {share: 30 %}`),
    components: ['dense', 'sparse'],
  },
  'on measured CPU cores': {
    yaml: lone(`${onCores}\nfleet: {main: {host: emerald-rapids-vm}}`),
    components: ['dense', 'sparse'],
  },
  'transforms on CPU cores': {
    yaml: lone(onCores),
    model: transforms,
    components: ['dense', 'sparse', 'preprocessing'],
  },
  'transforms on a tier in front': {
    yaml: lone(
      `${whole}, preprocessing_on: tier}\nfleet: {main: {host: sc-large}, preprocessing: {host: sc-small}}\n${singular}`,
    ),
    model: transforms,
    components: ['dense', 'sparse', 'preprocessing'],
  },
  'dense operators on an accelerator, tables in host memory': {
    yaml: lone(`${whole}}\nfleet: {main: {host: h100x8}}\n${singular}`),
    components: ['dense', 'sparse', 'copy'],
  },
  'dense operators and transforms on an accelerator, tables in host memory': {
    yaml: lone(`${whole}}\nfleet: {main: {host: h100x8}}\n${singular}`),
    model: transforms,
    components: ['dense', 'sparse', 'copy', 'preprocessing'],
  },
  'tables replicated on accelerators': {
    yaml: onAccelerator(''),
    components: ['dense', 'sparse', 'copy'],
  },
  'tables of several types and pruned ones on an accelerator': {
    yaml: onAccelerator('', 'table_data_type: [{at_least: 300 MB, type: int8}]\npruning: {share: 30 %}'),
    components: ['dense', 'sparse', 'copy'],
  },
  'tables sharded over accelerators': {
    yaml: onAccelerator(', accelerator_tables: sharded'),
    components: ['dense', 'sparse', 'copy', 'exchange'],
  },
  'rows cached on an accelerator': {
    yaml: onAccelerator(', accelerator_tables: cached, accelerator_cache: 1 GB'),
    components: ['dense', 'sparse'],
  },
  'everything on an accelerator': {
    yaml: onAccelerator(''),
    model: transforms,
    components: ['dense', 'sparse', 'copy', 'preprocessing'],
  },
};

for (const [name, { yaml, model = tinyModel, components }] of Object.entries(cases)) {
  seconds(name, async () => {
    const { plan, outcome } = await simulate(yaml, { model });
    const lines = coverageOf(plan.arm, plan);
    for (const component of components) {
      const own = lines.filter((line) => componentOf(line) === component);
      assert.ok(own.length > 0, component);
      // Large batches are priced between two sizes.
      near(sum(own.map((line) => line.seconds)), outcome.typical[at[component]], 1e-4);
    }
  });
}

seconds('on sparse shards: the CPU seconds of all of them, rows of split tables too', async () => {
  for (const sharding of [
    '{strategy: one-shard}',
    '{strategy: load-balanced, shards: 3}',
    '{strategy: load-balanced, shards: 3, row_wise: [one-user]}',
    '{strategy: load-balanced, shards: 2, column_wise: {one-user: 2}}',
  ]) {
    const { plan, outcome } = await simulate(lone(`sharding: ${sharding}\nserving: {batch_size: 96}`));
    const gathers = coverageOf(plan.arm, plan).filter((line) => componentOf(line) === 'sparse');
    // The few rows of a split table are dealt to its parts one by one.
    near(sum(gathers.map((line) => line.seconds)), outcome.cpuS[at.sparse], 1e-3);
  }
});

seconds('missed rows of a cache cross the link beside the batch', async () => {
  const { yaml } = cases['rows cached on an accelerator'];
  const { plan } = await simulate(yaml);
  const operators = coverageOf(plan.arm, plan).map(({ operator }) => operator);
  assert.ok(operators.includes('copy missed rows to device'));
  assert.ok(!coverageOf(plan.arm).some(({ operator }) => operator === 'copy missed rows to device'));
});

seconds('an arm that offloads has a batch on its cores and one on its accelerators', async () => {
  const yaml = tiny(`
load: {candidates: {kind: fixed, value: 1000}, requests: 20}
serving: {batch_size: 64, tables_on: accelerator, offload_threshold: 500}
fleet: {main: {host: h100x8}}
${singular}`);
  const { plan, outcome } = await simulate(yaml);
  const lines = coverageOf(plan.arm, plan);
  const onAccelerators = lines.filter(({ device }) => device === 'h100-sxm');
  near(
    sum(onAccelerators.filter((line) => componentOf(line) === 'dense').map((line) => line.seconds)),
    outcome.typical[at.dense],
    1e-4,
  );
  const onCores = lines.filter(({ device }) => device !== 'h100-sxm');
  assert.ok(onCores.some(({ shape }) => shape.startsWith('m 64,')));
  assert.ok(onCores.some(({ kind }) => kind === 'memory-gather'));
});

seconds.run();

const roofs = suite('coverage: roofs');

roofs(
  'no operator that a datasheet prices beats the speed of light; FLOPs and bytes are those of its time',
  async () => {
    let priced = 0;
    for (const { yaml, model = tinyModel } of Object.values(cases)) {
      for (const arm of (await scenarioOf(yaml, model)).arms) {
        for (const line of coverageOf(arm)) {
          assert.ok(line.speedOfLightS > 0, line.operator);
          assert.ok(line.flops >= 0 && line.bytes > 0, line.operator);
          if (line.state !== 'missing') continue;
          assert.ok(
            line.seconds >= line.speedOfLightS,
            `${line.operator} ${line.speedOfLightS / line.seconds}`,
          );
          priced++;
        }
      }
    }
    assert.ok(priced > 50, `${priced}`);
  },
);

roofs('a product has 2mnk FLOPs; its roof is that of one core, or of the whole accelerator', async () => {
  const [k, n] = [16, 64];
  const flops = 2 * candidates * n * k;
  const bytes = 4 * (candidates * (k + n) + k * n + n);
  const [cpu] = (await scenarioOf(lone(onCores))).arms;
  const core = cpu.main.host.cpu;
  const onCore = coverageOf(cpu).find(({ operator }) => operator === 'bottom-fc0')!;
  assert.is(onCore.flops, flops);
  assert.is(onCore.bytes, bytes);
  assert.is(onCore.bytesFrom, 'cache');
  assert.is(onCore.net, 'one');
  const corePeak = core.peakFlopPerS.fp32!.value / core.cores!.value;
  near(onCore.speedOfLightS, Math.max(flops / corePeak, bytes / (8 * core.coreBandwidthBytesPerS!.value)));
  const [gpu] = (await scenarioOf(onAccelerator(''))).arms;
  const { device } = gpu.main.host.accelerators!;
  const onDevice = coverageOf(gpu).find(({ operator }) => operator === 'bottom-fc0')!;
  assert.is(onDevice.flops, flops);
  assert.is(onDevice.bytesFrom, 'memory');
  near(
    onDevice.speedOfLightS,
    Math.max(flops / device.peakFlopPerS.fp32!.value, bytes / device.memory.bandwidthBytesPerS.value),
  );
  assert.equal(onDevice.measuredAs, [{ operator: 'gemm', dataType: 'fp32' }]);
  assert.is(onCore.measuredAs, undefined);
});

roofs('launches of a transform are counted in its FLOPs and bytes as in its time', async () => {
  const [arm] = (await scenarioOf(lone(onCores), transforms)).arms;
  const hash = coverageOf(arm).find(({ operator }) => operator === 'hash')!;
  assert.is(hash.flops, 8 * 5 * 2 * candidates);
  assert.is(hash.bytes, 8 * 5 * 2 * candidates);
  assert.ok(hash.shape.endsWith(', 5 launches'), hash.shape);
  assert.ok(hash.seconds > 5 * arm.main.host.cpu.launchOverheadS.value);
});

roofs('a gather adds up the rows that it reads, in whole cache lines', async () => {
  const [arm] = (await scenarioOf(lone(onCores))).arms;
  const [gather] = coverageOf(arm).filter(({ kind }) => kind === 'memory-gather');
  const [rows, userRows] = [3 * 5 * candidates, 20];
  assert.is(gather.flops, rows * 32 + userRows * 64);
  assert.is(gather.bytes, rows * 128 + userRows * 256);
  assert.is(gather.cachedBytes, undefined);
  const { plan } = await simulate(lone(onCores));
  const [placed] = coverageOf(plan.arm, plan).filter(({ kind }) => kind === 'memory-gather');
  assert.ok(placed.cachedBytes! > 0, 'the cache holds some rows');
  near(placed.bytes + placed.cachedBytes!, gather.bytes);
});

roofs('an all-to-all moves what a device does not keep', async () => {
  const { plan } = await simulate(cases['tables sharded over accelerators'].yaml);
  const exchange = coverageOf(plan.arm, plan).filter(({ operator }) => operator === 'all-to-all');
  assert.is(exchange.length, 2);
  for (const { bytes, bytesFrom, speedOfLightS } of exchange) {
    // One table a device at most: pooled fp32 vectors of all candidates, or the user's one.
    assert.is(bytes, (candidates * 32 * 4 * 7) / 8);
    assert.is(bytesFrom, 'peer link');
    near(speedOfLightS, bytes / plan.arm.main.host.accelerators!.peerLinkBytesPerS.value);
  }
});

roofs.run();
