import { RandomStream } from '../../../foundation/random.ts';
import { interval } from '../../../sim/statistics/interval.ts';
import type {
  ExperimentCell,
  ExperimentDifference,
  ExperimentResult,
  ExperimentTeacher,
} from '../../../sim/training/experiment-result.ts';
import { biasLoss, servedBias } from '../../../sim/training/quality/bias-loss.ts';
import type { QualityValues } from '../../../sim/training/quality/constants.ts';
import { teacherStaleness } from '../../../sim/training/quality/freshness-loss.ts';
import type { DistillationHead } from '../../../sim/training/quality/transfer-ratio.ts';
import { transferRatio } from '../../../sim/training/quality/transfer-ratio.ts';

const dayS = 86_400;
const level = 0.95;

/** What an experiment is invented with, beside the constants of the quality model that it obeys. */
export interface Invented {
  seeds: number;
  /** Of a gain, over seeds. */
  noise: number;
  /** By how much a fresh teacher of size 1 is better than a student without it. */
  teacherGain: number;
  /** Mean prediction over positive rate of another task. */
  crossCalibration: number;
  lags: number[];
  stalenesses: number[];
  sizes: number[];
  source: 'flights' | 'synthetic' | 'csv';
  random: RandomStream;
}

export const usual: Omit<Invented, 'random'> = {
  seeds: 5,
  noise: 0,
  teacherGain: 0.05,
  crossCalibration: 1.8,
  lags: [0, 1, 2, 3, 5, 7, 10, 14, 21, 28, 42],
  stalenesses: [0, 1, 7, 28],
  sizes: [0.5, 1, 2, 4],
  source: 'flights',
};

const heads: [arm: string, head: DistillationHead][] = [
  ['one-head', 'one-head'],
  ['ah', 'auxiliary-head'],
  ['two-heads', 'auxiliary-head'],
  ['ah-sa', 'auxiliary-head-and-adapter'],
];

const studentFlop = 800;
const baseRate = 0.2;
const lossWeight = 1;
const tasks = ['late', 'later'];
const verticals = ['north', 'south'];

/** The result of an experiment in a world that obeys the quality model with these constants. */
export function inventedResult(values: QualityValues, changes: Partial<Invented> = {}): ExperimentResult {
  return new InventedExperiment(values, { ...usual, random: new RandomStream(1), ...changes }).result();
}

class InventedExperiment {
  private readonly values: QualityValues;
  private readonly with: Invented;

  constructor(values: QualityValues, invented: Invented) {
    this.values = values;
    this.with = invented;
  }

  result(): ExperimentResult {
    const { seeds, stalenesses, source, lags } = this.with;
    return {
      format: 'rankfleet-distillation-experiment',
      version: 1,
      name: 'invented',
      question: '',
      product: '0.0.0',
      key: 'invented',
      source: {
        kind: source,
        stream: 'an invented stream',
        description: 'made by the quality model itself',
        examples: 1e6,
        days: 180,
        fields: [],
        tasks: tasks.map((task) => ({
          task,
          positiveRate: baseRate,
          unlabelled: 0,
          beforeImpression: 0,
          medianDelayS: 0,
        })),
        verticals: verticals.map((name) => ({ name, examples: 5e5 })),
        overlap: 1,
        inNoVertical: 0,
        moved: 0,
        unknownVerticals: [],
      },
      protocol: {
        seeds: Array.from({ length: seeds }, (_, seed) => seed + 1),
        stalenessDays: stalenesses,
        metricsFromDay: 60,
        periodDays: 7,
        level,
        bootstrap: { resamples: 100, blockDays: 7 },
        batch: 32,
        learningRate: 0.05,
        teacherLearningRate: 0.05,
        distillation: {
          weight: lossWeight,
          gradientScale: 4,
          labelScale: 2,
          headHidden: [],
          adapter: { input: 'probability', hidden: [8], residual: false, learningRate: 0.05 },
        },
        notes: [],
      },
      teacherTask: 'late',
      tasks,
      gridVerticals: verticals,
      student: this.model(1 / 16),
      arms: [],
      teachers: this.teachers(),
      cells: this.cells(),
      freshness: lags.map((lagDays, at) => ({
        lagDays,
        ne: { mean: 0.9 },
        ...(at > 0 && {
          worsening: this.difference((1 + this.staleness(lagDays)) / (1 + this.staleness(lags[0])) - 1),
        }),
      })),
      transfer: [],
      claims: [],
      serving: {
        parameters: 100,
        flopsPerExample: 100,
        modelsExported: 1,
        predictionsCompared: 1,
        withHeadsCompared: 1,
      },
      warnings: [],
    };
  }

  private teachers(): ExperimentTeacher[] {
    const { sizes, stalenesses } = this.with;
    return sizes.flatMap((size) =>
      stalenesses
        .filter((_, at) => size === 1 || at === 0)
        .map(
          (days): ExperimentTeacher => ({
            size,
            stalenessDays: days,
            model: this.model(size),
            union: this.quality(1),
            verticals: verticals.map((vertical) => ({
              vertical,
              ...this.quality(1),
              gain: this.difference(1 - (1 - this.freshGain(size)) * (1 + this.staleness(days))),
            })),
            labelled: 1e6,
            missing: 0,
            snapshots: 180,
            series: [],
          }),
        ),
    );
  }

  private cells(): ExperimentCell[] {
    const { sizes, stalenesses } = this.with;
    return verticals.flatMap((vertical) => [
      ...tasks.map((task) => this.cell({ arm: 'base', vertical, task, teacher: 'none' }, 1, undefined)),
      ...tasks.flatMap((task) =>
        stalenesses.flatMap((stalenessDays, at) =>
          (task === 'late' && at === 0 ? sizes : [1]).flatMap((teacherSize) =>
            heads.map(([arm, head]) =>
              this.taught({ arm, vertical, task, stalenessDays, teacherSize }, head),
            ),
          ),
        ),
      ),
    ]);
  }

  private taught(
    where: { arm: string; vertical: string; task: string; stalenessDays: number; teacherSize: number },
    head: DistillationHead,
  ): ExperimentCell {
    const { values } = this;
    const isCross = where.task !== 'late';
    const bias = {
      baseRate,
      teacherCalibration: isCross ? this.with.crossCalibration : 1,
      lossWeight,
      labelledShare: 1,
    };
    const sizes = {
      studentFlop: this.model(1 / 16).flopsPerExample,
      teacherFlop: this.model(where.teacherSize).flopsPerExample,
    };
    const recovered = head === 'auxiliary-head-and-adapter' ? values.adapterRecovery : 0;
    const gain =
      transferRatio(values, { head, channel: 'label' }, sizes) * this.freshGain(where.teacherSize) -
      values.stalenessPassThrough * (1 - recovered) * this.staleness(where.stalenessDays) -
      biasLoss(values, head, bias);
    const calibration =
      1 + servedBias(values, head, bias) / baseRate + this.noise() / Math.sqrt(this.with.seeds);
    return this.cell({ ...where, teacher: 'foundation model', teacherTask: 'late' }, calibration, gain);
  }

  private cell(
    where: Pick<ExperimentCell, 'arm' | 'vertical' | 'task' | 'teacher'> & Partial<ExperimentCell>,
    calibration: number,
    gain: number | undefined,
  ): ExperimentCell {
    return {
      ...where,
      ...this.quality(calibration),
      ...(gain !== undefined && {
        gain: this.difference(gain),
        calibrationHarm: this.difference(Math.abs(Math.log(calibration))),
      }),
      withoutTeacher: 0,
      clippedLabels: 0,
      series: [],
    };
  }

  /** Mean over the day that is so far from its snapshot. */
  private staleness(lagDays: number): number {
    const parts = 96;
    let sum = 0;
    for (let part = 0; part < parts; part++)
      sum += teacherStaleness(this.values, (lagDays + (part + 0.5) / parts) * dayS);
    return sum / parts;
  }

  private freshGain(size: number): number {
    return this.with.teacherGain * (1 + 0.1 * Math.log2(size));
  }

  private model(size: number) {
    return {
      fields: [],
      tableRows: [],
      embeddingDim: 8,
      hidden: [48],
      parameters: Math.round(60_000 * size),
      flopsPerExample: 16 * studentFlop * size,
    };
  }

  private quality(calibration: number) {
    return { ne: { mean: 0.9 }, calibration: { mean: calibration }, auc: { mean: 0.7 } };
  }

  private difference(truth: number): ExperimentDifference {
    const perSeed = Array.from({ length: this.with.seeds }, () => truth + this.noise());
    const { mean, low, high } = interval(perSeed, level);
    const overSeeds = low !== undefined && high !== undefined ? { low, high } : undefined;
    const side =
      overSeeds && overSeeds.low > 0 ? 'above' : overSeeds && overSeeds.high < 0 ? 'below' : 'open';
    return { mean, perSeed, ...(overSeeds && { overSeeds }), side };
  }

  private noise(): number {
    return this.with.noise * this.with.random.normal();
  }
}
