import { formatTime } from '../../foundation/units.ts';
import { type StepPath, stepPaths } from '../../hardware-profiles/training-steps-schema.ts';
import type { ExecutionAccuracy } from './execution-accuracy.ts';
import type {
  AddedTime,
  ComparedStep,
  PartAccuracy,
  PathAccuracy,
  TrainingAccuracy,
} from './training-accuracy.ts';
import { percentOf, signedPercentOf, statisticCells, statisticTitles } from './wording.ts';

/** A table of the section about training steps, as text or Markdown show it. */
export interface TrainingTable {
  head: string;
  titles: readonly string[];
  /** How many columns from the first hold words. */
  words: number;
  rows: readonly (readonly string[])[];
}

const shapeTitles = ['model', 'type', 'examples', 'distillation'] as const;

/** The tables of a device's training steps, in the order in which they are shown. */
export function trainingTables(training: TrainingAccuracy): TrainingTable[] {
  const paths = [...new Set(training.paths.map(({ path }) => path))];
  const { added } = training;
  return [
    {
      head: 'Errors of simulated training steps, by how their kernels were issued',
      titles: ['path', 'steps', 'points', ...statisticTitles, 'within ±1 σ', 'in the 95 % interval'],
      words: 2,
      rows: training.paths.map(pathCells),
    },
    ...(training.execution
      ? [
          {
            head: 'The graph path by execution: pytorch, each model by a fit to the others',
            titles: ['steps', 'models', 'points', ...statisticTitles, 'within ±1 σ', 'in the 95 % interval'],
            words: 1,
            rows: training.execution.map(executionCells),
          },
        ]
      : []),
    {
      head: 'Training steps: measured against simulated',
      titles: [...shapeTitles, 'simulated', '± σ', ...paths.flatMap((path) => [path, 'error'])],
      words: shapeTitles.length,
      rows: training.steps.map((step) => stepCells(step, paths)),
    },
    {
      head: `Parts of these steps, ${training.partsOf}`,
      titles: ['part', 'share, measured', 'share, simulated', 'points', ...statisticTitles],
      words: 1,
      rows: training.parts.map(partCells),
    },
    ...(added.length > 0
      ? [
          {
            head: 'Time that learning from a teacher adds to a step',
            titles: [...shapeTitles, 'simulated', 'share', ...paths.flatMap((path) => [path, 'share'])],
            words: shapeTitles.length,
            rows: added.map((each) => addedCells(each, paths)),
          },
        ]
      : []),
  ];
}

/** What has no time, by the reason, in a sentence; none where all have one. */
export function withoutInWords({ without }: TrainingAccuracy): string[] {
  const byReason = new Map<string, Set<string>>();
  for (const { shape, reason } of without) {
    byReason.set(reason, (byReason.get(reason) ?? new Set<string>()).add(shape));
  }
  if (byReason.size === 0) return [];
  const each = [...byReason].map(([reason, shapes]) => `${reason} (${[...shapes].join('; ')})`);
  return [`No time for: ${each.join('. ')}.`];
}

/** What was measured and how it is compared, in sentences. */
export function aboutTraining({ date, software, steps, execution }: TrainingAccuracy): string {
  const points = steps.reduce(
    (sum, { measured }) => sum + stepPaths.filter((path) => measured[path]).length,
    0,
  );
  return (
    `${points} times of ${steps.length} steps, measured up to ${date} with ${software.join(', ')}, whole steps of PyTorch ` +
    'that the fits of operators have not seen. Simulated: the parts that were timed, one after the other, by the ' +
    'device’s measured operators, which are its fastest kernels; sorting lookups by row counts as table update. PyTorch runs lookups, activations, losses ' +
    'and sorting as more and slower kernels than these, and eagerly waits for its host besides: simulated steps are what ' +
    'the device could do, and their stated deviations are those of the cost model alone.' +
    (execution ? aboutExecution : '')
  );
}

const aboutExecution =
  ' A training fleet with `execution: pytorch` takes factors and fixed seconds, one pair for each part, fitted to the graph ' +
  'path; its errors below are of models that the fit had not seen, and its deviation is set so that 68 % of their errors ' +
  'lie within it.';

function pathCells({ path, fromS, errors, withinOneDeviation, within95 }: PathAccuracy): string[] {
  return [
    path,
    stepsFrom(fromS),
    String(errors.points),
    ...statisticCells(errors),
    wholePercent(withinOneDeviation),
    wholePercent(within95),
  ];
}

function executionCells({
  fromS,
  models,
  errors,
  withinOneDeviation,
  within95,
}: ExecutionAccuracy): string[] {
  return [
    stepsFrom(fromS),
    String(models),
    String(errors.points),
    ...statisticCells(errors),
    wholePercent(withinOneDeviation),
    wholePercent(within95),
  ];
}

function stepsFrom(fromS: number): string {
  return fromS === 0 ? 'all' : `from ${formatTime(fromS)}`;
}

function shapeCells({
  model,
  dataType,
  examples,
  devices,
  distillation,
}: ComparedStep | AddedTime): string[] {
  return [model, dataType, devices > 1 ? `${devices} × ${examples}` : String(examples), distillation];
}

function stepCells(step: ComparedStep, paths: readonly StepPath[]): string[] {
  return [
    ...shapeCells(step),
    formatTime(step.simulatedS),
    percentOf(Math.expm1(step.logError)),
    ...paths.flatMap((path) => {
      const found = step.measured[path];
      return found ? [formatTime(found.medianS), signedPercentOf(found.error)] : ['–', '–'];
    }),
  ];
}

function partCells({ part, measuredShare, simulatedShare, errors }: PartAccuracy): string[] {
  return [
    part,
    percentOf(measuredShare),
    percentOf(simulatedShare),
    String(errors.points),
    ...statisticCells(errors),
  ];
}

function addedCells(added: AddedTime, paths: readonly StepPath[]): string[] {
  return [
    ...shapeCells(added),
    signedTime(added.simulatedS),
    signedPercentOf(added.simulatedShare),
    ...paths.flatMap((path) => {
      const found = added.measured[path];
      return found ? [signedTime(found.addedS), signedPercentOf(found.share)] : ['–', '–'];
    }),
  ];
}

function signedTime(seconds: number): string {
  return `${seconds < 0 ? '−' : '+'}${formatTime(Math.abs(seconds))}`;
}

function wholePercent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
