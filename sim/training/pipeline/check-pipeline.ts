import { InputError, type Problem } from '../../../foundation/problem.ts';
import { formatTime } from '../../../foundation/units.ts';
import {
  type HorizonSpec,
  type PipelineSpec,
  secondsPerDay,
  type VerticalSpec,
  windowsOf,
} from './pipeline-spec.ts';
import { dailyRate } from './traffic.ts';

/** Throws an `InputError` with everything that keeps a pipeline from being simulated. */
export function checkPipeline(spec: PipelineSpec, horizon: HorizonSpec): void {
  const problems = [
    ...numbers(spec, horizon),
    ...names(spec),
    ...spec.verticals.flatMap((vertical, index) => ofVertical(vertical, `verticals[${index}]`, spec)),
  ];
  if (problems.length === 0)
    problems.push(...overlapProblems(spec), ...retention(spec), ...resolution(spec, horizon));
  if (problems.length > 0) throw new InputError(problems);
}

function numbers(spec: PipelineSpec, horizon: HorizonSpec): Problem[] {
  const { weather, joinS, training, snapshots, labelling, store } = spec;
  return [
    least('overlap', spec.overlap, 1),
    least('weather.coefficientOfVariation', weather.coefficientOfVariation, 0),
    above('weather.correlationS', weather.correlationS),
    least('joinS', joinS, 0),
    share('training.sampledShare', training.sampledShare),
    above('training.examplesPerS', training.examplesPerS),
    least('training.windowS', training.windowS, 0),
    above('snapshots.intervalS', snapshots.intervalS),
    least('snapshots.publishS', snapshots.publishS, 0),
    between('snapshots.publishVariation', snapshots.publishVariation, 0, 1),
    least('snapshots.loadS', snapshots.loadS, 0),
    share('labelling.sampledShare', labelling.sampledShare),
    wholeFrom1('labelling.servers', labelling.servers),
    above('labelling.examplesPerSPerServer', labelling.examplesPerSPerServer),
    wholeFrom1('labelling.batchExamples', labelling.batchExamples),
    least('labelling.maxFillS', labelling.maxFillS, 0),
    above('store.recordBytes', store.recordBytes),
    above('store.retentionS', store.retentionS),
    least('horizon.warmUpS', horizon.warmUpS, 0),
    above('horizon.measuredS', horizon.measuredS),
    above('horizon.stepS', horizon.stepS),
  ].flat();
}

function names({ verticals }: PipelineSpec): Problem[] {
  if (verticals.length === 0) return [{ path: 'verticals', message: 'at least one vertical is needed' }];
  return [
    ...twice(verticals, 'verticals'),
    ...verticals.flatMap(({ tasks }, index) => twice(tasks, `verticals[${index}].tasks`)),
  ];
}

function twice(named: readonly { name: string }[], path: string): Problem[] {
  return named.flatMap(({ name }, index) =>
    named.findIndex((other) => other.name === name) < index
      ? [{ path: `${path}[${index}].name`, message: `'${name}' is named twice` }]
      : [],
  );
}

function ofVertical(vertical: VerticalSpec, path: string, { joinS, store }: PipelineSpec): Problem[] {
  const problems = [
    above(`${path}.examplesPerDay`, vertical.examplesPerDay),
    between(`${path}.peakToMean`, vertical.peakToMean, 1, 2),
    wholeFrom1(`${path}.runs`, vertical.runs),
    wholeFrom1(`${path}.count`, vertical.count ?? 1),
    least(`${path}.replayS`, vertical.replayS, 0),
  ].flat();
  if (vertical.replayS > store.retentionS)
    problems.push({
      path: `${path}.replayS`,
      message: `a run that starts ${days(vertical.replayS)} back needs records that are kept for ${days(store.retentionS)} only`,
    });
  if (vertical.tasks.length === 0)
    problems.push({ path: `${path}.tasks`, message: 'at least one task is needed' });
  vertical.tasks.forEach(({ windowS, delay }, index) => {
    const at = `${path}.tasks[${index}]`;
    problems.push(...above(`${at}.windowS`, windowS));
    if (windowS <= joinS)
      problems.push({
        path: `${at}.windowS`,
        message: `a window of ${windowS} s leaves no time before its join of ${joinS} s`,
      });
    if (delay.kind === 'constant') problems.push(...least(`${at}.delay.delayS`, delay.delayS, 0));
    else
      problems.push(
        ...above(`${at}.delay.medianS`, delay.medianS),
        ...above(`${at}.delay.shape`, delay.shape),
      );
  });
  return problems;
}

/** κ is too large when one vertical alone has more examples, at some hour, than would be unique. */
export function mostOverlap(
  verticals: readonly Pick<VerticalSpec, 'examplesPerDay' | 'peakToMean' | 'peakAtS' | 'count'>[],
): number {
  const hours = Array.from({ length: 24 }, (_, hour) => hour * 3600);
  return Math.min(
    ...hours.map((timeS) => {
      const rates = verticals.map((vertical) => dailyRate(vertical, timeS));
      const all = rates.reduce((sum, rate, index) => sum + (verticals[index].count ?? 1) * rate, 0);
      const largest = Math.max(...rates);
      // A peak of twice the mean leaves an hour without traffic, in which nothing can be shared.
      return largest > 0 ? all / largest : Number.POSITIVE_INFINITY;
    }),
  );
}

function overlapProblems({ verticals, overlap }: PipelineSpec): Problem[] {
  const most = mostOverlap(verticals);
  if (overlap <= most * (1 + 1e-9)) return [];
  const message = `${overlap} is more than these verticals can overlap: the largest of them alone bounds it by ${most.toFixed(3)}`;
  return [{ path: 'overlap', message }];
}

function retention(spec: PipelineSpec): Problem[] {
  const longest = windowsOf(spec).at(-1)!;
  if (spec.store.retentionS >= longest) return [];
  const message = `records kept for ${formatTime(spec.store.retentionS)} are gone before a window of ${formatTime(longest)} closes`;
  return [{ path: 'store.retentionS', message }];
}

function resolution(spec: PipelineSpec, { stepS }: HorizonSpec): Problem[] {
  const finest = Math.min(spec.snapshots.intervalS, windowsOf(spec)[0]);
  if (stepS <= finest) return [];
  const message = `steps of ${stepS} s cannot resolve a window or snapshot interval of ${finest} s`;
  return [{ path: 'horizon.stepS', message }];
}

function above(path: string, value: number): Problem[] {
  return Number.isFinite(value) && value > 0 ? [] : [{ path, message: `${value} is not a number above 0` }];
}

function least(path: string, value: number, least: number): Problem[] {
  return Number.isFinite(value) && value >= least
    ? []
    : [{ path, message: `${value} is not a number of at least ${least}` }];
}

function between(path: string, value: number, least: number, most: number): Problem[] {
  return value >= least && value <= most
    ? []
    : [{ path, message: `${value} is not a number from ${least} to ${most}` }];
}

function share(path: string, value: number): Problem[] {
  return value > 0 && value <= 1 ? [] : [{ path, message: `${value} is not a share above 0 and at most 1` }];
}

function wholeFrom1(path: string, value: number): Problem[] {
  return Number.isInteger(value) && value >= 1
    ? []
    : [{ path, message: `${value} is not a whole number of at least 1` }];
}

function days(seconds: number): string {
  return `${(seconds / secondsPerDay).toFixed(1)} days`;
}
