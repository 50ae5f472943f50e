import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadHost } from '../../hardware-profiles/files.ts';
import { unionOf } from '../../scenarios/distillation/union.ts';
import { costOf } from '../../sim/training/cost/arm-cost.ts';
import {
  type DistillationArm,
  distillationArms,
  flopPerDay,
  teacherFlopPerDay,
  workOf,
} from '../../sim/training/cost/arm-work.ts';
import { assumedCosts, trainingDeviceOf } from '../../sim/training/cost/assumptions.ts';
import { compareArms, costIn } from '../../sim/training/cost/compare-arms.ts';
import { rooflineSeconds } from '../../sim/training/cost/device-seconds.ts';
import { headsFlop } from '../../sim/training/cost/training-flop.ts';
import { checkWorkload, labelRecordBytes, overlapOf } from '../../sim/training/cost/workload.ts';
import { caseOf, h100, vertical, workloadOf } from './cases.ts';
import { draws } from './distilled.ts';

const assumptions = assumedCosts();

function near(actual: number, expected: number, relative = 1e-9): void {
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.abs(expected),
    `${actual} is not near ${expected}`,
  );
}

function workIn(arm: DistillationArm, workload = workloadOf()) {
  return workOf(arm, workload, rooflineSeconds(workload, h100, assumptions));
}

const sizes = suite('training cost: sizes');

sizes('10¹⁰ examples under 64 GFLOP keep 86 H100 busy: 64 train, 21 label', () => {
  const work = workIn('shared-teacher');
  near(teacherFlopPerDay(work), 2.56e21);
  const { items } = costOf(work, workloadOf(), h100, assumptions);
  const busy = (kind: string) => items.find((item) => item.kind === kind)!.busyDevices;
  near(busy('teacher training'), 64.2, 0.005);
  near(busy('labelling'), 21.4, 0.005);
  near(busy('teacher training') + busy('labelling'), 86, 0.01);
});

sizes('a 1X vertical takes 6e16 FLOP a day and is bound by its bytes', () => {
  const work = workIn('no-teacher');
  near(flopPerDay(work), 10 * 6e16);
  const seconds = rooflineSeconds(workloadOf(), h100, assumptions);
  assert.ok(seconds.verticalTrainingS[0] > 60e6 / (h100.peakFlopPerS * assumptions.flopUtilisation));
});

sizes('label records of 18 B are 180 GB a day and 5.4 TB in 30 days', () => {
  assert.is(labelRecordBytes, 8 + 2 + 4 + 4);
  const work = workIn('shared-teacher');
  near(work.recordsWrittenPerDay * labelRecordBytes, 180e9);
  near(work.storedBytes, 5.4e12);
});

sizes('1.8 T parameters hold at least 45 devices of 80 GB however little they do', () => {
  const { items } = costIn('shared-teacher', caseOf({ trainShare: 0.001, labelShare: 0.001 }));
  const labelling = items.find(({ kind }) => kind === 'labelling')!;
  near(labelling.heldDevices, 45);
  assert.ok(labelling.isMemoryBound);
  assert.is(items.find(({ kind }) => kind === 'vertical training')!.isMemoryBound, true);
  const busy = costIn('shared-teacher', caseOf({ uniqueExamplesPerDay: 1e10, retentionDays: 0 })).items;
  assert.is(busy.find(({ kind }) => kind === 'teacher training')!.isMemoryBound, false);
});

sizes(
  'an auxiliary head of 256 costs 0.395 MFLOP to train, two with an adapter 1.3 % of a 1X vertical',
  () => {
    const head = { dim: 256, hidden: 256, adapterHidden: 0 };
    near(headsFlop({ ...head, auxiliary: 1 }), 0.395e6, 0.001);
    near(headsFlop({ ...head, auxiliary: 2, adapterHidden: 8 }) / 60e6, 0.013, 0.02);
    assert.ok(headsFlop({ auxiliary: 0, dim: 256, hidden: 256, adapterHidden: 8 }) <= 100);
  },
);

sizes('devices of a host divide its price and power', () => {
  const host = loadHost('h100x8');
  near(h100.usdPerHour * 8, host.pricePerHourUsd.value);
  near(h100.busyW * 8, host.powerBusyW.value);
  assert.throws(() => trainingDeviceOf(loadHost('sc-large'), 'bf16'), /no accelerator/);
  assert.throws(() => trainingDeviceOf(host, 'fp4'), /no fp4 arithmetic/);
});

sizes.run();

const laws = suite('training cost: invariants');

laws('FLOPs of the arms are those of the table', () => {
  const run = fc.integer({ min: 1, max: 5 });
  const examples = fc.double({ min: 1e6, max: 1e10, noNaN: true });
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });
  const verticals = fc.array(fc.tuple(examples, run), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(verticals, share, share, share, (list, sharedPart, trainShare, labelShare) => {
      const made = list.map(([examplesPerDay, runs], index) => vertical(index, { examplesPerDay, runs }));
      const all = list.map(([each]) => each);
      const uniqueExamplesPerDay = unionOf(all, sharedPart);
      const workload = workloadOf({ verticals: made, uniqueExamplesPerDay, trainShare, labelShare });
      checkWorkload(workload);
      const teacher = workload.teacher.forwardFlop;
      const sum = all.reduce((total, each) => total + each, 0);
      const trained = list.reduce((total, [each, runs]) => total + each * runs, 0);
      near(
        teacherFlopPerDay(workIn('shared-teacher', workload)),
        teacher * uniqueExamplesPerDay * (3 * trainShare + labelShare),
      );
      near(teacherFlopPerDay(workIn('co-distillation', workload)), 3 * teacher * trained);
      near(teacherFlopPerDay(workIn('own-teachers', workload)), 4 * teacher * sum);
      assert.is(teacherFlopPerDay(workIn('no-teacher', workload)), 0);
      const heads = headsFlop(workload.heads);
      near(flopPerDay(workIn('no-teacher', workload)), trained * 60e6);
      near(flopPerDay(workIn('shared-teacher', workload), 'vertical training'), trained * (60e6 + heads));
      near(flopPerDay(workIn('co-distillation', workload), 'vertical training'), trained * 60e6);
    }),
  );
});

laws('a unique example is labelled once, and read once by every run that trains on it', () => {
  const workload = workloadOf({
    verticals: [vertical(0, { runs: 3 }), vertical(1)],
    uniqueExamplesPerDay: 1.2e9,
  });
  const work = workIn('shared-teacher', workload);
  const labelled = work.jobs.filter(({ kind }) => kind === 'labelling');
  assert.is(labelled.length, 1);
  assert.is(labelled[0].count * labelled[0].examplesPerDay, 1.2e9);
  assert.is(work.recordsWrittenPerDay, 1.2e9);
  assert.is(work.recordsReadPerDay, 4e9);
});

laws('the teacher costs each of V verticals 1/V of a fixed union', () => {
  const perVertical = (count: number) => {
    const verticals = Array.from({ length: count }, (_, index) => vertical(index, { examplesPerDay: 1e10 }));
    const workload = workloadOf({ verticals, uniqueExamplesPerDay: 1e10 });
    near(overlapOf(workload), count);
    return teacherFlopPerDay(workIn('shared-teacher', workload)) / count;
  };
  for (const count of [2, 5, 10, 100]) near(perVertical(count), perVertical(1) / count);
});

laws('co-distillation costs each vertical the same however many there are', () => {
  const perVertical = (count: number) => {
    const verticals = Array.from({ length: count }, (_, index) => vertical(index));
    const given = caseOf({ verticals, uniqueExamplesPerDay: count * 1e9 });
    return costIn('co-distillation', given).usdPerDay / count;
  };
  near(perVertical(20), perVertical(1));
});

laws('serving FLOPs know neither arm, nor teacher, nor heads', () => {
  const heads = { auxiliary: 2, dim: 512, hidden: 512, adapterHidden: 8 };
  const { teacher } = workloadOf();
  for (const arm of distillationArms) {
    for (const forwardFlop of [1e9, 1e12]) {
      const { servingFlop } = costIn(arm, caseOf({ heads, teacher: { ...teacher, forwardFlop } }));
      assert.equal(servingFlop, new Array(10).fill(20e6));
    }
  }
});

laws('costs grow with every rate, price and size of the teacher', () => {
  const usd = (more: Parameters<typeof caseOf>[0]) => costIn('shared-teacher', caseOf(more)).usdPerDay;
  const { teacher } = workloadOf();
  const base = usd({ trainShare: 0.5, labelShare: 0.5 });
  assert.ok(usd({ trainShare: 1, labelShare: 0.5 }) > base);
  assert.ok(usd({ trainShare: 0.5, labelShare: 1 }) > base);
  assert.ok(usd({ trainShare: 0.5, labelShare: 0.5, retentionDays: 60 }) > base);
  assert.ok(usd({ trainShare: 0.5, labelShare: 0.5, publishesPerDay: 48 }) > base);
  assert.ok(usd({ trainShare: 0.5, labelShare: 0.5, teacher: { ...teacher, forwardFlop: 128e9 } }) > base);
});

laws('money is the sum of its items, and fewer devices than are busy cannot be held', () => {
  const cost = costIn('shared-teacher', caseOf());
  const items = cost.items.reduce((sum, { usdPerDay }) => sum + usdPerDay, 0);
  near(cost.usdPerDay, items + cost.storageUsdPerDay + cost.movedUsdPerDay);
  assert.ok(cost.items.every(({ heldDevices, busyDevices }) => heldDevices >= busyDevices));
  assert.ok(cost.publishedBytesPerDay >= 24 * 3.6e12);
  const given = caseOf();
  const short = { ...given, assumptions: { ...assumptions, labelPeakOverMean: 0.5 } };
  assert.throws(() => costIn('shared-teacher', short), /labelPeakOverMean/);
});

laws('what cannot be is named, all of it', () => {
  const wrong = workloadOf({
    verticals: [vertical(0, { runs: 0 }), vertical(0)],
    trainShare: 0,
    labelShare: 1.5,
    uniqueExamplesPerDay: 3e9,
  });
  assert.throws(
    () => checkWorkload(wrong),
    (error: Error) => {
      for (const part of [
        'verticals[0].runs',
        'verticals[1].name',
        'trainShare',
        'labelShare',
        'a union lies',
      ])
        assert.ok(error.message.includes(part), `${part} is not in ${error.message}`);
      return true;
    },
  );
  const untold = { ...caseOf(), targets: [] };
  assert.throws(() => compareArms(untold, draws), /nothing says what NE/);
  assert.throws(() => checkWorkload(workloadOf({ verticals: [] })), /at least one/);
  const given = caseOf();
  const [target] = given.targets;
  const strange = {
    ...given,
    targets: [...given.targets, { ...target, name: 'vertical 99', baseRate: 1, baseNe: 0 }],
    path: { ...given.path, missedShare: 2, gaps: [] },
    assumptions: { ...assumptions, flopUtilisation: 0, siteOverPower: 0.5, movedUsdPerByte: -1 },
  };
  assert.throws(
    () => compareArms(strange, draws),
    (error: Error) => {
      for (const part of [
        "no vertical 'vertical 99' is trained",
        'targets[10].baseRate',
        'targets[10].baseNe',
        'path.missedShare',
        'path.gaps',
        'assumptions.flopUtilisation',
        'assumptions.siteOverPower',
        'assumptions.movedUsdPerByte',
      ])
        assert.ok(error.message.includes(part), `${part} is not in ${error.message}`);
      return true;
    },
  );
});

laws.run();

const arms = suite('training cost: arms');

arms('each gain has its price; no teacher has neither', () => {
  const outcomes = compareArms(caseOf(), draws);
  assert.equal(
    outcomes.map(({ arm }) => arm),
    distillationArms,
  );
  const [none, codistilled, own, shared] = outcomes;
  assert.is(none.extraUsdPerDay, 0);
  assert.equal(none.meanGain, { value: 0, low: 0, high: 0 });
  assert.is(none.usdPerDayPerStep, undefined);
  for (const outcome of [codistilled, own, shared]) {
    const { low, value, high } = outcome.usdPerDayPerStep!;
    assert.ok(0 < low && low <= value && value <= high);
    near(value, outcome.extraUsdPerDay / (10 * outcome.meanGain.value * 1e4));
    near(
      outcome.verticals.reduce((sum, { extraUsdPerDay }) => sum + extraUsdPerDay.byExamples, 0),
      outcome.extraUsdPerDay,
    );
  }
});

arms('a shared teacher that saw all verticals gains more than one that saw its own', () => {
  const [, , own, shared] = compareArms(caseOf(), draws);
  assert.ok(shared.meanGain.value > own.meanGain.value);
  assert.ok(shared.extraUsdPerDay < own.extraUsdPerDay);
});

arms(
  'a tenth vertical with traffic of its own helps the nine before it, and the teacher costs each less',
  () => {
    const share = (count: number) => {
      const verticals = Array.from({ length: count }, (_, index) => vertical(index));
      const examples = verticals.map(({ examplesPerDay }) => examplesPerDay);
      const given = caseOf({ verticals, uniqueExamplesPerDay: unionOf(examples, 0.5) });
      return compareArms({ ...given, referenceExamplesPerDay: 1e10 }, draws)[3];
    };
    const [nine, ten] = [share(9), share(10)];
    assert.ok(ten.verticals[0].quality!.parts.gain.value > nine.verticals[0].quality!.parts.gain.value);
    assert.ok(ten.verticals[0].extraUsdPerDay.equal < nine.verticals[0].extraUsdPerDay.equal);
    const less = { ...caseOf(), referenceExamplesPerDay: 1e9 };
    assert.throws(() => compareArms(less, draws), /at least the union/);
  },
);

arms('device seconds that were simulated take the place of the roofline’s', () => {
  const given = caseOf();
  const roofline = rooflineSeconds(given.workload, h100, assumptions);
  const seconds = { ...roofline, teacherTrainingS: 2 * roofline.teacherTrainingS };
  const [ofRoofline, simulated] = [given, { ...given, seconds }].map(
    (each) => costIn('shared-teacher', each).items[0].busyDevices,
  );
  near(simulated, 2 * ofRoofline);
});

arms('where nothing is gained the price has no bound', () => {
  const given = caseOf();
  const targets = given.targets.map((target) => ({ ...target, teacherCalibration: 6 }));
  const path = { ...given.path, head: 'one-head' as const };
  const shared = compareArms({ ...given, targets, path }, draws)[3];
  assert.ok(shared.meanGain.value < 0);
  assert.is(shared.usdPerDayPerStep!.value, Infinity);
});

arms.run();
