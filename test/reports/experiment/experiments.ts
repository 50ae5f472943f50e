import { armIds, armsOf, controlIds } from '../../../distil/experiment/arms.ts';
import {
  type ExperimentCell,
  type ExperimentDifference,
  type ExperimentResult,
  experimentFormat,
  experimentResultVersion,
} from '../../../sim/training/experiment-result.ts';

const seeds = [1, 2, 3, 4, 5];

/** A difference of which both intervals are known; what is given in percent is kept as a fraction. */
export function difference(percent: number, half = 0.1): ExperimentDifference {
  const mean = percent / 100;
  const bounds = (width: number) => ({ low: mean - width / 100, high: mean + width / 100 });
  const side = percent - half > 0 ? 'above' : percent + half < 0 ? 'below' : 'open';
  return {
    mean,
    perSeed: seeds.map((seed) => mean + ((seed - 3) * half) / 300),
    overSeeds: bounds(half / 2),
    overDays: bounds(half),
    side,
  };
}

const estimate = (mean: number, half = 0.0005) => ({ mean, low: mean - half, high: mean + half });

const arms = armsOf([...armIds], [...controlIds], {
  weight: 1,
  gradientScale: 4,
  labelScale: 1.5,
  headHidden: [],
  adapter: { input: 'logit', hidden: [], residual: true, learningRate: 0.05 },
  raisedRate: 4,
});

/** Gains in percent at s = 0, 1 and 7 days, by arm: of the matched task, then of the other. */
const gains: Record<string, [matched: number[], other: number[]]> = {
  'one-head': [
    [0.75, 1.23, 1],
    [-1.88, -1.53, -1.94],
  ],
  ah: [
    [0.45, 0.2, 0.05],
    [0.84, 0.3, 0.19],
  ],
  'ah-gs': [
    [0.83, 0.67, 0.27],
    [1.32, 0.9, 1.29],
  ],
  'ah-gs-ls': [
    [0.8, 0.6, 0.3],
    [1.2, 0.8, 1.1],
  ],
  'ah-sa': [
    [0.66, 0.36, 0.46],
    [0.94, 0.94, 0.52],
  ],
  all: [
    [0.83, 0.55, 1.18],
    [1.27, 1.02, 1.47],
  ],
  shuffled: [
    [0.1, 0.1, 0.1],
    [0.05, 0.1, 0.1],
  ],
  'vm-sized': [
    [0.2, 0.15, 0.12],
    [0.3, 0.25, 0.2],
  ],
  'double-weight': [
    [0.7, 0.5, 0.6],
    [1, 1, 0.6],
  ],
  'two-heads': [
    [0.6, 0.5, 0.4],
    [0.9, 0.9, 0.5],
  ],
};

const ages = [0, 1, 7];
const tasks = ['late', 'later'];
const series = [0.94, 0.93, 0.95, 0.942];

function cell(
  id: string,
  vertical: string,
  task: string,
  at: Partial<ExperimentCell>,
  gain?: number,
): ExperimentCell {
  const calibration = id === 'one-head' && task === 'later' ? 1.43 : 1.01;
  return {
    arm: id,
    vertical,
    task,
    teacher: 'foundation model',
    teacherTask: 'late',
    ne: estimate(0.94 * (1 - (gain ?? 0) / 100)),
    calibration: estimate(calibration, 0.004),
    auc: estimate(0.66),
    ...(gain !== undefined && {
      gain: difference(gain),
      aucGain: { ...difference(gain / 3), overDays: undefined },
      calibrationHarm: difference(100 * (Math.log(calibration) - Math.log(1.01))),
    }),
    withoutTeacher: at.stalenessDays === undefined ? 0 : 0.01 * at.stalenessDays,
    clippedLabels: id.includes('ls') ? 0.002 : 0,
    series: series.map((ne) => ne * (1 - (gain ?? 0) / 100)),
    ...at,
  };
}

function cellsOf(): ExperimentCell[] {
  return tasks.flatMap((task, index) => [
    cell('base', 'north', task, { teacher: 'none', teacherTask: undefined }),
    cell('base', 'south', task, { teacher: 'none', teacherTask: undefined }),
    ...ages.map((stalenessDays) => cell('ah', 'south', task, { stalenessDays }, 0.4)),
    ...Object.entries(gains).flatMap(([id, byTask]) =>
      ages.map((stalenessDays, at) => cell(id, 'north', task, { stalenessDays }, byTask[index][at])),
    ),
    cell('labels', 'north', task, { teacher: 'labels' }, 0.44),
    cell('raised-rate', 'north', task, { teacher: 'none', teacherTask: undefined }, -0.2),
  ]);
}

const model = (size: number) => ({
  fields: ['origin', 'hour', 'route'],
  tableRows: [200, 24, 3000],
  embeddingDim: 8 * size,
  hidden: [48 * size],
  parameters: 30_000 * size,
  flopsPerExample: 2500 * size,
});

const quality = { ne: estimate(0.91), calibration: estimate(1.01, 0.002), auc: estimate(0.67) };

/** An experiment with every arm and control, two tasks, two verticals, three ages and three sizes. */
export function experiment(changes: Partial<ExperimentResult> = {}): ExperimentResult {
  return {
    format: experimentFormat,
    version: experimentResultVersion,
    name: 'delays',
    question: 'Does one teacher help several students?',
    product: '1.2.3',
    key: '0123456789abcdef',
    source: {
      kind: 'flights',
      stream: 'flights',
      description: 'Flights of 2001',
      examples: 3_000_000,
      days: 181,
      fields: [
        { name: 'origin', cardinality: 229 },
        { name: 'hour', cardinality: 24 },
      ],
      tasks: [
        { task: 'late', positiveRate: 0.21, unlabelled: 1234, beforeImpression: 7, medianDelayS: 900 },
        {
          task: 'later',
          positiveRate: 0.11,
          unlabelled: 0,
          beforeImpression: 0,
          medianDelayS: 1800,
          bestNe: 0.9,
        },
      ],
      verticals: [
        { name: 'north', examples: 400_000 },
        { name: 'south', examples: 500_000 },
      ],
      overlap: 1.25,
      inNoVertical: 99,
      moved: 3,
      unknownVerticals: [['west', 12]],
    },
    protocol: {
      seeds,
      stalenessDays: ages,
      metricsFromDay: 60,
      periodDays: 30,
      level: 0.95,
      bootstrap: { resamples: 1000, blockDays: 7 },
      batch: 64,
      learningRate: 0.05,
      teacherLearningRate: 0.02,
      distillation: {
        weight: 1,
        gradientScale: 4,
        labelScale: 1.5,
        headHidden: [],
        adapter: { input: 'logit', hidden: [], residual: true, learningRate: 0.05 },
      },
      notes: ['Examples are predicted before they are trained on.'],
    },
    teacherTask: 'late',
    tasks,
    gridVerticals: ['north'],
    student: { ...model(1), fields: ['origin', 'hour'] },
    arms: arms.map(({ id, title, isControl, description }) => ({ id, title, isControl, description })),
    teachers: [0.5, 1, 2].flatMap((size) =>
      (size === 1 ? ages : [1]).map((stalenessDays) => ({
        size,
        stalenessDays,
        model: model(size),
        union: quality,
        verticals: [
          { vertical: 'north', ...quality, gain: difference(3 - stalenessDays / 2) },
          { vertical: 'south', ...quality, gain: difference(2.5 - stalenessDays / 2) },
        ],
        labelled: 2_900_000,
        missing: 100_000,
        gaps: 1,
        snapshots: 181 - stalenessDays,
        ageDays: { least: stalenessDays, median: stalenessDays + 0.5, most: stalenessDays + 1 },
        series: [0.92, 0.91, 0.93, 0.915],
      })),
    ),
    cells: cellsOf(),
    freshness: [0, 1, 7, 28].map((lagDays) => ({
      lagDays,
      ne: estimate(0.91 + 0.002 * lagDays),
      ...(lagDays > 0 && { worsening: difference(0.2 * lagDays) }),
    })),
    transfer: [0.5, 1, 2].map((size) => ({
      size,
      parameters: model(size).parameters,
      flopsPerExample: model(size).flopsPerExample,
      arm: 'ah-gs',
      vertical: 'north',
      task: 'late',
      stalenessDays: 1,
      teacherGain: size === 0.5 ? difference(0.05) : difference(1.5 * size),
      studentGain: difference(0.5 + 0.1 * size),
      ...(size > 0.5 && { transferRatio: estimate((0.5 + 0.1 * size) / (1.5 * size), 0.05) }),
    })),
    claims: [
      {
        id: 'c',
        statement: 'auxiliary heads improve NE of the students',
        rule: 'every figure above zero',
        combine: 'all parts',
        verdict: 'not shown',
        parts: [
          {
            statement: 'AH gains over base',
            verdict: 'not shown',
            claimed: 'above',
            cells: [
              { where: 'late in north, s = 0 d', difference: difference(0.45) },
              { where: 'late in north, s = 7 d', difference: difference(0.05) },
            ],
          },
        ],
      },
      {
        id: 'd',
        statement: 'one head is biased by a teacher of another task, and auxiliary heads are not',
        rule: 'all figures on their sides',
        combine: 'all parts',
        verdict: 'holds',
        parts: [
          {
            statement: 'one head loses NE',
            verdict: 'holds',
            claimed: 'below',
            cells: [{ where: 'later in north, s = 0 d', difference: difference(-1.88) }],
          },
          {
            statement: 'AH gains',
            verdict: 'holds',
            claimed: 'above',
            cells: [{ where: 'later in north, s = 0 d', difference: difference(0.84) }],
          },
        ],
      },
      {
        id: 'f',
        statement: 'the adapter helps more with age',
        rule: 'the slope is above zero',
        combine: 'all parts',
        verdict: 'not run',
        parts: [{ statement: 'slope', verdict: 'not run', claimed: 'above', cells: [] }],
      },
    ],
    serving: {
      parameters: 12_345,
      flopsPerExample: 1024,
      modelsExported: 75,
      predictionsCompared: 1_000_000,
      withHeadsCompared: 500,
    },
    warnings: ['Day 17 has no example.'],
    ...changes,
  };
}
