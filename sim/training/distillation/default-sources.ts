import type { Evidenced } from '../../../foundation/evidence.ts';
import { costAssumptions } from '../cost/assumptions.ts';
import { pipelineDefaults } from '../pipeline/defaults.ts';

type Source = Pick<Evidenced, 'evidence' | 'source'>;

const assumed = (source: string): Source => ({ evidence: 'assumed', source });
const recollected = (source: string): Source => ({ evidence: 'recollected', source });
const setting: Source = assumed('a setting of the simulation, not of what is simulated');
const of = ({ evidence, source }: Evidenced): Source => ({ evidence, source });

/** Of every training fleet. */
const ofFleet: Record<string, Source> = {
  host: assumed('a host with eight accelerators, as such models are commonly trained on'),
  network: assumed('a network with remote direct memory access'),
  optimizer: assumed('a usual optimizer of dense parameters'),
  overlap: assumed('as training frameworks pipeline steps'),
  execution: assumed('an optimised trainer, as fast as the measured kernels allow'),
  memory_reserved: assumed('for workspaces and fragmentation'),
  headroom: of(costAssumptions.trainingHeadroom),
};

const ofTeacher: Record<string, Source> = {
  train_after: assumed('the teacher trains on an example once all of its labels are joined'),
  train_share: of(pipelineDefaults.sampledShare),
  label_share: of(pipelineDefaults.sampledShare),
  ...under('fleet', ofFleet),
  'fleet.examples_per_device': assumed(
    'a few hundred examples fill an accelerator with a model of this size',
  ),
  'fleet.dense_state': assumed(
    'a foundation model’s optimizer state is too large to be kept by each accelerator',
  ),
  'labelling.host': assumed('labels are made on what trains the teacher'),
  'labelling.network': assumed('as in training'),
  'labelling.examples_per_device': assumed('as in training'),
  'labelling.max_fill': assumed('short against a window of minutes'),
  'labelling.headroom': assumed('for traffic above its daily course'),
  'snapshots.every': of(pipelineDefaults.snapshotIntervalS),
  'snapshots.publish_bandwidth': assumed('of a distributed store that writes in parallel'),
  'snapshots.load_bandwidth': assumed('of reading from such a store'),
  'snapshots.publish_variation': assumed('publishing takes about as long each time'),
};

const ofVertical: Record<string, Source> = {
  count: setting,
  peak_to_mean: of(pipelineDefaults.peakToMean),
  peak_at: assumed('an evening peak'),
  runs: assumed('the model in production alone, without experiments'),
  replay: assumed('runs follow the stream, and none starts in the past'),
  ...under('fleet', ofFleet),
  'fleet.examples_per_device': assumed('a few thousand examples fill an accelerator with a served model'),
  'fleet.dense_state': assumed('a served model’s optimizer state is small'),
  'tasks.*.window': of(pipelineDefaults.clickWindowS),
  'tasks.*.delay.kind': assumed('clicks follow within minutes, with a tail'),
  'tasks.*.delay.median': assumed('clicks follow within minutes'),
  'tasks.*.delay.shape': assumed('below 1: a long tail'),
  'tasks.*.distilled': assumed('the teacher labels every task'),
  'tasks.*.base_ne': assumed('of the order of what ads models are reported with'),
  'tasks.*.teacher_calibration': assumed('a teacher of many domains is a tenth off in each; measure it'),
  'tasks.*.drift': assumed('as fast as where the constants of freshness come from'),
};

const sources: Record<string, Source> = {
  ...under('teacher', ofTeacher),
  ...under('verticals.*', ofVertical),
  overlap: of(pipelineDefaults.overlap),
  'traffic.variation': of(pipelineDefaults.weatherVariation),
  'traffic.correlation': of(pipelineDefaults.weatherCorrelationS),
  join: of(pipelineDefaults.joinS),
  'distillation.kind': recollected('an auxiliary head, as of the system that this follows'),
  'distillation.head_width': assumed(
    'no width is known; a head of 256 units adds under 1 % to a step’s FLOPs',
  ),
  'distillation.loss_weight': assumed('as much weight as the label has'),
  'distillation.transfers': assumed('the prediction alone'),
  'store.record': of(pipelineDefaults.recordBytes),
  'store.representation': assumed('128 values of 4 bits'),
  'store.retention': of(pipelineDefaults.retentionS),
  'costs.storage_usd_per_gb_month': of(costAssumptions.storageUsdPerByteDay),
  'costs.moved_usd_per_gb': of(costAssumptions.movedUsdPerByte),
  'costs.site_over_power': of(costAssumptions.siteOverPower),
  'quality.constants': assumed(
    'those of the literature, but where an experiment that ships with the product tells them; each names its source',
  ),
  'plan.headroom': assumed('for days busier than the usual one, and to catch up after a failure'),
  'plan.spares': assumed('no spare hosts'),
  'plan.miss': assumed('every label comes in time'),
  'plan.snapshot_gain': recollected('the improvement of NE that counts, as reported of internal data'),
  'plan.sensitivity': setting,
  version: setting,
  replications: setting,
  confidence: setting,
  seed: setting,
  'horizon.warm_up': setting,
  'horizon.measured': setting,
  'horizon.step': setting,
};

function under(prefix: string, all: Record<string, Source>): Record<string, Source> {
  return Object.fromEntries(Object.entries(all).map(([path, source]) => [`${prefix}.${path}`, source]));
}

/** What a default of a scenario rests on. @throws Error for one that nothing is said of */
export function sourceOfDefault(path: string): Source {
  const source = sources[path];
  if (!source) throw new Error(`nothing says what the default of ${path} rests on`);
  return source;
}
