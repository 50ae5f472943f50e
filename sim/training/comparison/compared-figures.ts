import { independentChanges, significance, withoutRounding } from '../../compare/figure-differences.ts';
import type { Interval } from '../../result.ts';
import { interval, relativeDifference } from '../../statistics/interval.ts';
import type { DistillationAnswer, DistillationSamples } from '../distillation-result.ts';
import type { DistilledFigure } from './distillation-comparison-result.ts';

type Head = Pick<DistilledFigure, 'key' | 'title' | 'unit' | 'group'>;

/** A figure of an arm: exact, known with its interval, or known by replication. */
interface FigureKind extends Head {
  of(answer: DistillationAnswer): Interval | number | undefined;
  sample?: keyof DistillationSamples;
  /** Grows with the length of the run where a stage is asked for more than it can do. */
  needsSteadyState?: boolean;
}

/** How two arms are set against each other. */
export interface Comparing {
  level: number;
  /** Whether replication i of both saw the same traffic. */
  isPaired: boolean;
  isSteady: boolean;
}

/** Every figure that both or one of two arms have, with its difference b − a. */
export function comparedFigures(
  a: DistillationAnswer,
  b: DistillationAnswer,
  comparing: Comparing,
): DistilledFigure[] {
  return [...kinds, ...gainKinds(a, b), ...stepKinds(a, b)].flatMap((kind) => {
    const figure = compared(kind, a, b, comparing);
    return isWorthShowing(figure) ? [figure] : [];
  });
}

function isWorthShowing({ key, a, b }: DistilledFigure): boolean {
  const isNone = (value: Interval | undefined) => value === undefined || value.mean === 0;
  return key === 'gain' || !(isNone(a) && isNone(b));
}

function compared(
  kind: FigureKind,
  a: DistillationAnswer,
  b: DistillationAnswer,
  { level, isPaired, isSteady }: Comparing,
): DistilledFigure {
  const { key, title, unit, group, sample } = kind;
  const [ofA, ofB] = [a, b].map((answer) => estimateOf(kind, answer, level));
  const isExact = [a, b].some((answer) => typeof kind.of(answer) === 'number');
  const shown: DistilledFigure = {
    key,
    title,
    unit,
    group,
    ...(ofA && { a: ofA }),
    ...(ofB && { b: ofB }),
    sampled: !isExact,
  };
  if (!ofA || !ofB || (kind.needsSteadyState && !isSteady)) return shown;
  const [samplesA, samplesB] = [a, b].map(({ perReplication }) => sample && perReplication?.[sample]);
  const found =
    isPaired && samplesA && samplesB
      ? pairedChanges(samplesA, samplesB, level)
      : independentChanges(ofA, ofB);
  const size = Math.max(Math.abs(ofA.mean), Math.abs(ofB.mean));
  const difference = withoutRounding(found.difference, size);
  return {
    ...shown,
    difference,
    ...(found.relative && { relative: withoutRounding(found.relative, 1) }),
    ...significance(difference),
  };
}

function estimateOf(
  { of, sample }: FigureKind,
  answer: DistillationAnswer,
  level: number,
): Interval | undefined {
  const samples = sample && answer.perReplication?.[sample];
  if (samples && samples.length > 0) return interval(samples, level);
  const value = of(answer);
  return typeof value === 'number' ? { mean: value, low: value, high: value } : value;
}

function pairedChanges(a: readonly number[], b: readonly number[], level: number) {
  const difference = interval(
    b.map((value, index) => value - a[index]),
    level,
  );
  return {
    difference,
    ...(a.every((value) => value !== 0) && { relative: relativeDifference(b, a, level) }),
  };
}

const shared = ({ systems }: DistillationAnswer) =>
  systems.find(({ system }) => system === 'shared-teacher')!;

const sumOf = <Item>(items: readonly Item[], of: (item: Item) => number) =>
  items.reduce((sum, item) => sum + of(item), 0);

/** The task whose examples meet the oldest teacher. */
function stalestGap({ pipeline }: DistillationAnswer, key: 'p50' | 'p99'): Interval | undefined {
  const gaps = pipeline.figures.verticals.flatMap(({ tasks }) =>
    tasks.flatMap(({ exampleGapS }) => exampleGapS ?? []),
  );
  const [first, ...others] = gaps;
  return others.reduce((most, gap) => (gap.p99.mean > most.p99.mean ? gap : most), first)?.[key];
}

const steady = { needsSteadyState: true } as const;

const kinds: readonly FigureKind[] = [
  {
    key: 'gain',
    title: 'mean gain over verticals',
    unit: 'share',
    group: 'gain',
    of: (answer) => ({ mean: shared(answer).meanGain.value }),
    sample: 'gain',
    ...steady,
  },
  {
    key: 'gap',
    title: 'freshness gap, mean over examples',
    unit: 's',
    group: 'freshness',
    of: () => undefined,
    sample: 'exampleGapS',
    ...steady,
  },
  ...(['p50', 'p99'] as const).map(
    (key): FigureKind => ({
      key: `gap-${key}`,
      title: `${key} of the task that fares worst`,
      unit: 's',
      group: 'freshness',
      of: (answer) => stalestGap(answer, key),
      ...steady,
    }),
  ),
  {
    key: 'teacherAge',
    title: 'age of the teacher that labels',
    unit: 's',
    group: 'freshness',
    of: ({ pipeline }) => pipeline.figures.labelling.teacherAgeS?.mean,
    sample: 'teacherAgeS',
    ...steady,
  },
  {
    key: 'missShare',
    title: 'labels missed',
    unit: 'share',
    group: 'freshness',
    of: () => undefined,
    sample: 'missShare',
    ...steady,
  },
  {
    key: 'labellingUse',
    title: 'use of the label service',
    unit: 'count',
    group: 'queues',
    of: ({ pipeline }) => pipeline.figures.labelling.use,
    sample: 'labellingUse',
  },
  {
    key: 'trainingUse',
    title: 'use of the teacher’s training',
    unit: 'count',
    group: 'queues',
    of: ({ pipeline }) => pipeline.figures.training.use,
    sample: 'trainingUse',
  },
  {
    key: 'queue',
    title: 'largest queue for labels',
    unit: 'examples',
    group: 'queues',
    of: ({ pipeline }) => pipeline.figures.labelling.largestQueueExamples,
    ...steady,
  },
  {
    key: 'backlog',
    title: 'largest backlog of training',
    unit: 'examples',
    group: 'queues',
    of: ({ pipeline }) => pipeline.figures.training.largestBacklogExamples,
    ...steady,
  },
  {
    key: 'storeHeld',
    title: 'labels in the store',
    unit: 'B',
    group: 'queues',
    of: ({ pipeline }) => pipeline.figures.store.heldBytes,
    sample: 'storeHeldBytes',
  },
  cost('usdPerDay', 'cost of the shared teacher’s system', 'USD/day', ({ cost }) => cost.usdPerDay),
  cost('extraUsdPerDay', '… above no teacher', 'USD/day', ({ extraUsdPerDay }) => extraUsdPerDay),
  cost(
    'usdPerDayPerStep',
    '… for 0.01 % of NE of a vertical',
    'USD/day',
    ({ usdPerDayPerStep }) => usdPerDayPerStep?.value ?? undefined,
  ),
  cost('flopPerDay', 'arithmetic of a day', 'FLOP', ({ cost }) => cost.flopPerDay),
  cost('deviceHours', 'device-hours of a day', 'device-hours', ({ cost }) => cost.deviceHoursPerDay),
  cost('devices', 'devices held', 'count', ({ cost }) => sumOf(cost.items, ({ heldDevices }) => heldDevices)),
  cost(
    'moved',
    'labels and snapshots moved in a day',
    'B',
    ({ cost }) => cost.recordBytesPerDay + cost.publishedBytesPerDay,
  ),
  cost('power', 'power', 'W', ({ cost }) => cost.watts),
  ...(['co-distillation', 'own-teachers'] as const).map(
    (name): FigureKind => ({
      key: `${name}-usdPerDay`,
      title: name === 'own-teachers' ? 'cost with own teachers' : 'cost of co-distillation',
      unit: 'USD/day',
      group: 'cost',
      of: ({ systems }) => systems.find(({ system }) => system === name)?.cost.usdPerDay,
    }),
  ),
  training('teacherStep', 'step of the teacher', 's', ({ teacher }) => teacher.step.stepS),
  training(
    'teacherExposed',
    '… exposed communication',
    's',
    ({ teacher }) => teacher.step.exposedCommunicationS,
  ),
  training('teacherMfu', '… model FLOPs utilisation', 'share', ({ teacher }) => teacher.step.mfu),
  training(
    'teacherMemory',
    '… memory of the fullest accelerator',
    'B',
    ({ teacher }) => teacher.step.memory.totalBytes,
  ),
  training('teacherRate', 'teacher trains', 'examples/s', ({ teacher }) => teacher.step.examplesPerS),
  training('labelRate', 'a label server labels', 'examples/s', ({ teacher }) => teacher.labels.examplesPerS),
];

function cost(
  key: string,
  title: string,
  unit: Head['unit'],
  of: (system: ReturnType<typeof shared>) => number | undefined,
): FigureKind {
  return { key, title, unit, group: 'cost', of: (answer) => of(shared(answer)) };
}

function training(
  key: string,
  title: string,
  unit: Head['unit'],
  of: (answer: DistillationAnswer) => number,
): FigureKind {
  return { key, title, unit, group: 'training', of };
}

/** Gains of the tasks that both arms have. */
function gainKinds(a: DistillationAnswer, b: DistillationAnswer): FigureKind[] {
  return a.verticals.flatMap(({ name: vertical, tasks }) =>
    tasks.flatMap(({ name: task }): FigureKind[] => {
      const of = ({ verticals }: DistillationAnswer) =>
        verticals.find(({ name }) => name === vertical)?.tasks.find(({ name }) => name === task)?.gain;
      if (!of(a) || !of(b)) return [];
      return [
        {
          key: `gain-${vertical}-${task}`,
          title: `gain of ${task} of ${vertical}`,
          unit: 'share',
          group: 'gain',
          of,
          ...steady,
        },
      ];
    }),
  );
}

/** Steps of the vertical models that both arms have. */
function stepKinds(a: DistillationAnswer, b: DistillationAnswer): FigureKind[] {
  return a.verticals.flatMap(({ name: vertical }) => {
    const of = ({ verticals }: DistillationAnswer) =>
      verticals.find(({ name }) => name === vertical)?.step.withHeads.stepS;
    if (of(b) === undefined) return [];
    return [
      { key: `step-${vertical}`, title: `step of ${vertical}`, unit: 's', group: 'training', of } as const,
    ];
  });
}
