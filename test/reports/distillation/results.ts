import type { Pipeline, TaskFeed } from '../../../sim/training/distillation/feed-result.ts';
import type { Estimate, ReplicatedDistribution } from '../../../sim/training/distillation/figure-result.ts';
import type {
  Fleet,
  LabelBatchFigures,
  Step,
  StepPart,
} from '../../../sim/training/distillation/fleet-result.ts';
import type {
  Cost,
  Quality,
  SystemName,
  SystemResult,
} from '../../../sim/training/distillation/system-result.ts';
import type {
  Assumption,
  DistillationAnswer,
  DistillationArmResult,
  DistillationResult,
  DistilledVertical,
} from '../../../sim/training/distillation-result.ts';
import { stepParts } from '../../../sim/training/step/step-result.ts';
import { around } from '../charts/results.ts';

const hour = 3600;

export function spread(value: number): Estimate {
  return { value, low: 0.5 * value, high: 1.5 * value };
}

export function distributed(medianS: number): ReplicatedDistribution {
  return {
    mean: around(1.1 * medianS, 0.02),
    p05: around(0.5 * medianS, 0.02),
    p50: around(medianS, 0.02),
    p90: around(1.6 * medianS, 0.02),
    p99: around(2 * medianS, 0.02),
  };
}

/** A quality whose parts add up: most of the transferred gain arrives. */
export function qualityOf(transferred: number, baseNe = 0.85): Quality {
  const [bias, freshness] = [0.05 * transferred, 0.15 * transferred];
  const gain = transferred - bias - freshness;
  const range = spread(gain);
  return {
    parts: {
      teacher: spread(transferred / 0.5),
      transferRatio: spread(0.5),
      transferred: spread(transferred),
      bias: spread(bias),
      freshness: spread(freshness),
      gain: range,
    },
    ne: { value: baseNe * (1 - gain), low: baseNe * (1 - range.high), high: baseNe * (1 - range.low) },
    significance: range.low >= 0.0002 ? 'significant' : range.high >= 0.0002 ? 'uncertain' : 'insignificant',
    swings: [
      { constant: 'stalenessPassThrough', atLow: gain + freshness, atHigh: gain - 2 * freshness },
      { constant: 'transferAtEqualSize', atLow: 0.7 * gain, atHigh: 1.2 * gain },
    ],
    evidence: 'assumed',
    extrapolated: 0.1,
  };
}

function feedOf(name: string, gapS: number): TaskFeed {
  return {
    name,
    windowS: around(900, 0),
    arrived: around(7e9),
    withLabel: around(6.9e9),
    missed: around(7e7),
    unsampled: around(0),
    waiting: around(1e6),
    missShare: around(0.01),
    lateLabelShare: around(0.12),
    gapS: distributed(gapS + 900),
    exampleGapS: distributed(gapS),
  };
}

/** Parts of a step of 100 ms: all of compute exposed, half of communication, nothing of input. */
export function partsOfStep(scale: number): StepPart[] {
  return stepParts.map((name, index) => {
    const kind = /exchange|all-reduce/.test(name)
      ? 'communication'
      : /input|copy/.test(name)
        ? 'input'
        : 'compute';
    const seconds = scale * 1e-3 * (index + 1);
    const exposedS = kind === 'compute' ? seconds : kind === 'communication' ? seconds / 2 : 0;
    return {
      name,
      kind,
      seconds,
      exposedS,
      flops: 1e12,
      bytes: 1e9,
      secondsBy: { assumed: seconds },
      logError: 0.1,
    };
  });
}

export function stepOf(scale: number): Step {
  const parts = partsOfStep(scale);
  const sum = (of: (part: StepPart) => number) => parts.reduce((total, part) => total + of(part), 0);
  const ofKind = (kind: StepPart['kind'], of: (part: StepPart) => number) =>
    sum((part) => (part.kind === kind ? of(part) : 0));
  const stepS = sum(({ exposedS }) => exposedS);
  return {
    devices: 8,
    examplesPerDevice: 1024,
    examplesPerStep: 8192,
    stepS,
    examplesPerS: 8192 / stepS,
    parts,
    computeS: ofKind('compute', ({ seconds }) => seconds),
    communicationS: ofKind('communication', ({ seconds }) => seconds),
    exposedCommunicationS: ofKind('communication', ({ exposedS }) => exposedS),
    exposedInputS: 0,
    evidence: { fitted: 0.6, assumed: 0.4 },
    logError: 0.1,
    flopsPerExample: { forward: 1e9, trainingOnly: 1e6, training: 3e9 },
    mfu: 0.31,
    tableImbalance: 1.2,
    memory: {
      denseBytes: 1e9,
      tableBytes: 4e10,
      activationBytes: 2e9,
      exchangeBytes: 1e8,
      reservedBytes: 8e9,
      totalBytes: 5.11e10,
      capacityBytes: 8e10,
    },
  };
}

function labelsOf(scale: number): LabelBatchFigures {
  const parts = partsOfStep(scale).slice(0, 7);
  const batchS = parts.reduce((sum, { exposedS }) => sum + exposedS, 0);
  return { examplesPerBatch: 4096, batchS, examplesPerS: 4096 / batchS, parts };
}

function costOf(extra: number): Cost {
  const item = (kind: Cost['items'][number]['kind'], usdPerDay: number) => ({
    kind,
    flopPerDay: usdPerDay * 1e17,
    busyDevices: usdPerDay / 100,
    heldDevices: usdPerDay / 80,
    isMemoryBound: kind === 'labelling',
    deviceHoursPerDay: (usdPerDay / 80) * 24,
    usdPerDay,
    watts: usdPerDay * 10,
  });
  const hasTeacher = extra > 0;
  const items = [
    ...(hasTeacher ? [item('teacher training', extra * 0.7), item('labelling', extra * 0.28)] : []),
    item('vertical training', 2000),
  ];
  return {
    items,
    flopPerDay: items.reduce((sum, { flopPerDay }) => sum + flopPerDay, 0),
    deviceHoursPerDay: items.reduce((sum, { deviceHoursPerDay }) => sum + deviceHoursPerDay, 0),
    storedBytes: hasTeacher ? 5.4e12 : 0,
    recordBytesPerDay: hasTeacher ? 4e11 : 0,
    publishedBytesPerDay: hasTeacher ? 2e13 : 0,
    storageUsdPerDay: hasTeacher ? extra * 0.005 : 0,
    movedUsdPerDay: hasTeacher ? extra * 0.015 : 0,
    usdPerDay: 2000 + extra,
    watts: 10 * (2000 + extra),
  };
}

function systemOf(
  system: SystemName,
  extra: number,
  gain: number,
  verticals: DistilledVertical[],
): SystemResult {
  const hasTeacher = system !== 'no-teacher';
  const price = extra / verticals.length / (gain / 1e-4);
  const priceOf = { value: price, low: price / 1.5, high: null };
  return {
    system,
    cost: costOf(extra),
    extraUsdPerDay: extra,
    meanGain: spread(gain),
    ...(hasTeacher && { usdPerDayPerStep: priceOf }),
    verticals: verticals.map(({ name }) => ({
      name,
      extraUsdPerDay: { equal: extra / verticals.length, byExamples: extra / verticals.length },
      ...(hasTeacher && { quality: qualityOf(gain / 0.8), usdPerDayPerStep: priceOf }),
    })),
  };
}

function verticalOf(name: string, gain: number, count = 1): DistilledVertical {
  const task = { windowS: 900, baseRate: 0.02, baseNe: 0.85, teacherCalibration: 1.1, drift: 1 };
  return {
    name,
    count,
    model: 'ads-vm-like',
    examplesPerDay: 2.5e9,
    runs: 3,
    serving: {
      flopPerExample: 2e7,
      parameters: 6e7,
      trainedFlopPerExample: 2e7,
      trainedParameters: 6e7,
      droppedParameters: 131_000,
      unchanged: true,
    },
    step: { withHeads: stepOf(0.11), withoutHeads: stepOf(0.1) },
    tasks: [
      { ...task, name: 'click', distilled: true, quality: qualityOf(gain / 0.8), gain: around(gain, 0.01) },
      { ...task, name: 'buy', distilled: false },
    ],
  };
}

function fleetOf(role: Fleet['role'], vertical?: string): Fleet {
  return {
    role,
    ...(vertical !== undefined && { vertical }),
    ...(role === 'labelling' && { servers: 3 }),
    host: 'h100x8',
    device: 'h100-sxm',
    network: 'datacentre-rdma',
    hosts: 2,
    devices: 16,
    copies: role === 'vertical training' ? 3 : 1,
    sizedBy: 'throughput',
    capacityPerS: 140_000,
    meanPerS: 115_741,
    peakPerS: 173_611,
    use: 0.83,
    usdPerDay: 1400,
  };
}

function pipelineOf(gapS: number): Pipeline {
  const steps = 48;
  const course = (of: (index: number) => number) => Array.from({ length: steps }, (_, index) => of(index));
  return {
    figures: {
      unique: {
        arrived: around(6e9),
        sampled: around(6e9),
        labelled: around(5.9e9),
        dropped: around(6e7),
        queued: around(1000),
      },
      labelling: {
        use: around(0.7),
        peakUse: around(1.05),
        largestQueueExamples: around(2e6),
        readyAfterS: distributed(12),
        requiredPerS: around(1.4e5),
        teacherAgeS: distributed(gapS),
        ageParts: {
          trainingWindowS: around(900, 0),
          trainingBacklogS: around(100),
          publishS: around(600),
          inUseS: around(1.1 * gapS - 1600),
        },
        alreadyTrainedShare: around(0),
      },
      training: {
        use: around(0.8),
        peakUse: around(1.2),
        largestBacklogExamples: around(3e7),
        lagAtEndS: around(30),
      },
      snapshots: { taken: around(12, 0), delayed: around(0) },
      store: { writtenBytesPerDay: around(1.8e11), heldBytes: around(5.4e12), readBytesPerDay: around(5e11) },
      verticals: ['feed', 'reels'].map((name) => ({ name, tasks: [feedOf('click', gapS)] })),
    },
    snapshots: course((index) => index * 6 * hour).map((takenS, id) => ({
      id,
      takenS,
      readyS: takenS + 600,
      trainedThroughS: takenS - 1000,
      labels: 1e9,
    })),
    course: {
      timeS: course((index) => index * hour),
      uniquePerS: course((index) => 7e4 * (1 + 0.5 * Math.cos((index / 12) * Math.PI))),
      queuedExamples: course((index) => (index % 24 < 4 ? 2e6 : 0)),
      trainingBacklogExamples: course((index) => (index % 24 < 8 ? 3e7 : 0)),
      teacherAgeS: course((index) => 1600 + (index % 6) * hour),
    },
  };
}

/** An arm of two verticals, one of them twice, whose shared teacher gains this much of NE. */
export function distilledArm(
  name: string,
  { gain = 0.002, extra = 6000, gapS = 4 * hour, isBaseline = true } = {},
): DistillationArmResult {
  const verticals = [verticalOf('feed', gain), verticalOf('reels', gain, 2)];
  const answer: DistillationAnswer = {
    teacher: {
      model: 'ads-fm-like',
      forwardFlop: 6.4e10,
      parameters: 2e10,
      snapshotBytes: 8e10,
      trainingStateBytes: 2.4e11,
      step: stepOf(1),
      labels: labelsOf(0.5),
      snapshots: { everyS: 6 * hour, publishS: 8, publishBy: 'bandwidth', loadS: 2, loadBy: 'nic' },
    },
    fleets: [
      fleetOf('teacher training'),
      fleetOf('labelling'),
      ...verticals.map((vertical) => fleetOf('vertical training', vertical.name)),
    ],
    pipeline: pipelineOf(gapS),
    verticals,
    systems: [
      systemOf('no-teacher', 0, 0, verticals),
      systemOf('co-distillation', 3 * extra, 1.2 * gain, verticals),
      systemOf('own-teachers', 2 * extra, 0.9 * gain, verticals),
      systemOf('shared-teacher', extra, gain, verticals),
    ],
    breakEven: {
      inputs: { overlap: 1.5, runs: 3, trainShare: 1, labelShare: 1, sharedPart: 0.4 },
      closed: { ratio: 0.296, overlap: 0.444, runs: 0.889, trainShare: 4.17, labelShare: 10.5, verticals: 1 },
      found: [
        { figure: 'usdPerDay', ratio: 0.33, overlap: 1.1, runs: 1 },
        { figure: 'flopPerDay', ratio: 0.31 },
        { figure: 'deviceHoursPerDay', ratio: 0.33, verticals: 2 },
        { figure: 'watts', ratio: 0.34, trainShare: 3.9, labelShare: 9 },
      ],
    },
    ...(!isBaseline && {
      overBaseline: {
        usdPerDay: extra - 6000,
        extraUsdPerDay: extra - 6000,
        gain: spread(gain - 0.002),
        replicated: {
          gain: around(gain - 0.002),
          exampleGapS: around(gapS - 4 * hour),
          missShare: around(0.001),
          teacherAgeS: around(gapS - 4 * hour),
        },
      },
    }),
    perReplication: samplesOf(gain, gapS, 4),
  };
  return {
    name,
    verdict: { state: 'STABLE', reasons: ['label service ρ 0.70, FM training ρ 0.80'] },
    warnings: ['the busiest hour asks for more than the label service can do'],
    workload: { verticals: 3, examplesPerDay: 7.5e9, uniqueExamplesPerDay: 5e9, overlap: 1.5, runs: 3 },
    answer,
    evidence: {
      figures: { datasheet: 9, assumed: 12 },
      teacherStep: { fitted: 0.6, assumed: 0.4 },
      deviceHours: { fitted: 0.5, assumed: 0.5 },
    },
  };
}

/** Figures of replications that rise a little from one to the next. */
function samplesOf(gain: number, gapS: number, replications: number) {
  const rising = (value: number) =>
    Array.from({ length: replications }, (_, index) => value * (1 + 0.01 * index));
  return {
    gain: rising(gain),
    exampleGapS: rising(gapS),
    missShare: rising(0.01),
    teacherAgeS: rising(1.1 * gapS),
    labellingUse: rising(0.7),
    trainingUse: rising(0.8),
    storeHeldBytes: rising(5.4e12),
  };
}

/** An arm whose teacher is too large for its fleet. */
export function distilledMisfit(name: string): DistillationArmResult {
  const { answer: _, ...rest } = distilledArm(name);
  return {
    ...rest,
    verdict: {
      state: 'DOES NOT FIT',
      reasons: [
        'the teacher takes 95.0 GB of 72.0 GB on the fullest accelerator',
        '1. teacher.fleet.hosts: 4',
      ],
    },
    warnings: [],
    evidence: { figures: {} },
  };
}

const assumption = (name: string, group: Assumption['group'], value: Assumption['value']): Assumption => ({
  name,
  group,
  value,
  unit: '',
  evidence: 'assumed',
  source: 'model choice',
});

export function distillationOf(arms: DistillationArmResult[]): DistillationResult {
  return {
    format: 'rankfleet-distillation-result',
    version: 1,
    fingerprint: { product: 'rankfleet 0', inputHash: 'abc123', seed: 1 },
    scenario: {
      name: 'one-to-n',
      question: 'Is one teacher for three verticals worth its money?',
      baseline: arms[0]?.name ?? '',
      replications: 4,
      confidence: 0.95,
      horizon: { warmUpS: 86_400, measuredS: 2 * 86_400, stepS: 60 },
      referenceExamplesPerDay: 5e9,
      models: {},
      hosts: {},
      networks: {},
      arms: arms.map(({ name }, index) => ({
        name,
        teacher: { model: 'ads-fm-like', snapshots: { every: 6 * hour * (index + 1) } },
      })),
    },
    assumptions: [
      assumption('overlap', 'scenario', 1),
      { ...assumption('teacher.snapshots.every', 'scenario', '6 h') },
      { ...assumption('movedUsdPerByte', 'cost', 2e-12), unit: 'USD/B' },
      { ...assumption('stalenessPassThrough', 'quality', 0.05), low: 0, high: 0.4, evidence: 'transferred' },
      { ...assumption('transferAtEqualSize', 'quality', 0.6), low: 0.45, high: 0.7, evidence: 'recollected' },
    ],
    arms,
  };
}

/** Three arms: the baseline, a dearer one that gains more, and one that does not fit. */
export function threeArms(): DistillationResult {
  return distillationOf([
    distilledArm('6 h'),
    distilledArm('1 h', { gain: 0.0024, extra: 7500, gapS: 2000, isBaseline: false }),
    distilledMisfit('too large'),
  ]);
}
