import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InputError } from '../../../foundation/problem.ts';
import type { HorizonSpec, PipelineSpec } from '../../../sim/training/pipeline/pipeline-spec.ts';
import { runPipeline } from '../../../sim/training/pipeline/run-pipeline.ts';
import { simulatePipeline } from '../../../sim/training/pipeline/simulate-pipeline.ts';
import { pipelineOf, twoDays, verticalDefaults } from './pipelines.ts';

const key = { seed: 5, replication: 0 };
const hour = 3600;
const day = 86_400;
const fourDays: HorizonSpec = { warmUpS: day, measuredS: 4 * day, stepS: 60 };
const flatVertical = { ...verticalDefaults, peakToMean: 1 };
const flat = pipelineOf({ verticals: [flatVertical] });

const outcomes = suite('training pipeline: outcomes');

outcomes('the age of the teacher: window + publish + load + an age that is even over the interval', () => {
  const { labelling, verticals } = runPipeline(flat, fourDays, key).figures;
  const least = 1800 + 1200 + 300;
  const interval = 6 * hour;
  near(labelling.teacherAgeS!.mean, least + interval / 2, 30);
  near(labelling.teacherAgeS!.p50, least + interval / 2, 90);
  near(labelling.teacherAgeS!.p90, least + 0.9 * interval, 90);
  const { trainingWindowS, trainingBacklogS, publishS, inUseS } = labelling.ageParts!;
  assert.is(trainingWindowS, 1800);
  near(trainingBacklogS, 0, 1e-6);
  near(publishS, 1500, 1e-6);
  near(trainingWindowS + trainingBacklogS + publishS + inUseS, labelling.teacherAgeS!.mean, 1e-6);
  // The example is labelled in the step of its impression and read when its window closes.
  const [task] = verticals[0].tasks;
  near(task.exampleGapS!.mean, labelling.teacherAgeS!.mean, 60);
  near(task.gapS!.mean - task.exampleGapS!.mean, 1800, 1e-6);
});

outcomes('slow training ages the teacher by its backlog, and is told as saturated', () => {
  const slow = { ...flat, training: { ...flat.training, examplesPerS: 8e3 } };
  const { figures, verdict } = simulatePipeline(slow, fourDays, { seed: 5, replications: 2, level: 0.95 });
  // A fifth of the stream's time is lost for good; five days end a day behind.
  near(figures.training.lagAtEndS.mean, 0.2 * (5 * day - 1800), 120);
  assert.ok(figures.labelling.ageParts!.trainingBacklogS.mean > 0.4 * day);
  assert.is(verdict.state, 'SATURATED');
  assert.match(verdict.reasons[0], 'FM training');
});

outcomes('too few servers: what is not labelled in time is read without, and no call is wasted on it', () => {
  const labelling = { ...flat.labelling, servers: 6 };
  const { figures, verdict, warnings } = simulatePipeline({ ...flat, labelling }, fourDays, {
    seed: 5,
    replications: 2,
    level: 0.95,
  });
  const [task] = figures.verticals[0].tasks;
  near(task.missShare.mean, 0.4, 0.01);
  near(figures.unique.dropped.mean / figures.unique.sampled.mean, 0.4, 0.01);
  assert.is(verdict.state, 'SATURATED');
  assert.is(warnings.length, 1);
  assert.match(
    warnings[0],
    /click of feed is read without 40\.0 % of its labels: 10 label servers instead of 6/,
  );
});

outcomes('a label that is late for one task is in time for another', () => {
  const slowTask = { ...verticalDefaults.tasks[0], name: 'conversion', windowS: 12 * hour };
  const verticals = [{ ...verticalDefaults, tasks: [...verticalDefaults.tasks, slowTask] }];
  const spec = pipelineOf({ verticals, labelling: { ...flat.labelling, servers: 12 } });
  const { verticals: feeds, unique } = runPipeline(spec, fourDays, key).figures;
  const [click, conversion] = feeds[0].tasks;
  assert.ok(click.missShare > 0.1, `${click.missShare}`);
  assert.is(conversion.missed, 0);
  assert.is(unique.dropped, 0);
});

outcomes('what has not been read by the end has no gap yet, and is no miss', () => {
  const [task] = verticalDefaults.tasks;
  const verticals = [{ ...flatVertical, tasks: [task, { ...task, name: 'lasting', windowS: 5 * day }] }];
  const [click, lasting] = runPipeline({ ...flat, verticals }, fourDays, key).figures.verticals[0].tasks;
  assert.is(lasting.gapS, undefined);
  assert.equal([lasting.withLabel, lasting.missed, lasting.missShare], [0, 0, 0]);
  near(lasting.waiting, click.arrived, 1);
  assert.ok(click.gapS);
});

outcomes('a batch that takes longer than the deadline leaves every label missing', () => {
  const labelling = { ...flat.labelling, maxFillS: 1790 };
  const { figures, warnings } = simulatePipeline({ ...flat, labelling }, twoDays, {
    seed: 5,
    replications: 1,
    level: 0.95,
  });
  const [task] = figures.verticals[0].tasks;
  assert.is(task.missShare.mean, 1);
  assert.is(figures.unique.labelled.mean, 0);
  assert.is(task.gapS, undefined);
  assert.is(figures.labelling.teacherAgeS, undefined);
  assert.match(warnings[0], 'whatever the capacity');
});

outcomes('a label made after its example was trained on is counted as a leak', () => {
  const slowTask = { ...verticalDefaults.tasks[0], windowS: day };
  const verticals = [{ ...verticalDefaults, tasks: [slowTask] }];
  const labelling = { ...flat.labelling, servers: 10 };
  const snapshots = { intervalS: 900, publishS: 60, publishVariation: 0, loadS: 0 };
  const late = pipelineOf({ verticals, labelling, snapshots });
  assert.ok(runPipeline(late, fourDays, key).figures.labelling.alreadyTrainedShare > 0.3);
  assert.is(runPipeline(flat, fourDays, key).figures.labelling.alreadyTrainedShare, 0);
});

outcomes(
  'the store holds what is written in its retention: 180 GB a day and 5.4 TB at 10¹⁰ examples a day',
  () => {
    const verticals = [{ ...flatVertical, examplesPerDay: 1e10, runs: 3 }];
    const labelling = { ...flat.labelling, servers: 200 };
    const { store } = runPipeline(pipelineOf({ verticals, labelling }), fourDays, key).figures;
    near(store.writtenBytesPerDay, 180e9, 1);
    near(store.heldBytes, 5.4e12, 10);
    near(store.readBytesPerDay, 3 * 180e9, 10);
  },
);

outcomes(
  'replications give intervals, one gives none; the course and the snapshots are the first one’s',
  () => {
    const weather = { coefficientOfVariation: 0.1, correlationS: hour };
    const settings = { seed: 5, replications: 4, level: 0.95 };
    const spec = { ...flat, weather };
    const { figures, verdict, warnings, snapshots, course } = simulatePipeline(spec, twoDays, settings);
    const { mean, low, high } = figures.labelling.teacherAgeS!.mean;
    assert.ok(low! < mean && mean < high!);
    assert.is(figures.verticals[0].tasks[0].name, 'click');
    assert.is(verdict.state, 'STABLE');
    assert.equal(warnings, []);
    assert.is(snapshots.length, runPipeline(spec, twoDays, { seed: 5, replication: 0 }).snapshots.length);
    assert.is(course.timeS.length, 72);
    assert.ok(course.teacherAgeS.every((ageS) => ageS >= 3000 && ageS <= 3300 + 6 * hour + 300));
    const one = simulatePipeline(spec, twoDays, { ...settings, replications: 1 });
    assert.is(one.verdict.state, 'UNDER-SAMPLED');
    assert.is(one.figures.unique.arrived.low, undefined);
  },
);

outcomes.run();

const wrong = suite('training pipeline: bad input');

const simulated =
  (spec: PipelineSpec, horizon = twoDays) =>
  () =>
    simulatePipeline(spec, horizon, { seed: 1, replications: 1, level: 0.95 });

wrong('is refused with its path and what would be right', () => {
  const [task] = verticalDefaults.tasks;
  const cases: [Partial<PipelineSpec>, RegExp][] = [
    [{ verticals: [] }, /verticals: at least one/],
    [{ verticals: [flatVertical, flatVertical] }, /verticals\[1\]\.name: 'feed' is named twice/],
    [{ verticals: [{ ...flatVertical, tasks: [] }] }, /verticals\[0\]\.tasks: at least one task/],
    [{ verticals: [{ ...flatVertical, peakToMean: 3 }] }, /peakToMean: 3 is not a number from 1 to 2/],
    [{ verticals: [{ ...flatVertical, runs: 1.5 }] }, /runs: 1.5 is not a whole number/],
    [{ verticals: [{ ...flatVertical, replayS: 40 * day }] }, /starts 40\.0 days back .* 30\.0 days only/],
    [
      { verticals: [{ ...flatVertical, tasks: [{ ...task, windowS: 30 }] }] },
      /tasks\[0\]\.windowS: a window of 30 s leaves no time/,
    ],
    [{ overlap: 0.5 }, /overlap: 0.5 is not a number of at least 1/],
    [
      { verticals: [flatVertical, { ...flatVertical, name: 'b', examplesPerDay: 8.64e7 }], overlap: 1.5 },
      /overlap: 1.5 is more than these verticals can overlap: .* by 1\.100/,
    ],
    [{ labelling: { ...flat.labelling, servers: 0 } }, /labelling\.servers: 0 is not a whole number/],
    [{ labelling: { ...flat.labelling, sampledShare: 1.2 } }, /sampledShare: 1.2 is not a share/],
    [{ training: { ...flat.training, examplesPerS: Number.NaN } }, /examplesPerS: NaN is not a number above/],
    [{ store: { recordBytes: 18, retentionS: 600 } }, /store\.retentionS: .* before a window/],
  ];
  for (const [changes, message] of cases) {
    const caught = errorOf(simulated(pipelineOf(changes)));
    assert.ok(caught instanceof InputError);
    assert.match(caught.message, message);
  }
});

wrong('steps too long for what they should show are refused', () => {
  const caught = errorOf(simulated(pipelineOf(), { ...twoDays, stepS: 7200 }));
  assert.match(caught.message, /horizon\.stepS: steps of 7200 s cannot resolve .* 1800 s/);
});

wrong.run();

function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was refused');
}

function near(value: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(value - expected) <= tolerance, `${value} is not ${expected} ± ${tolerance}`);
}
