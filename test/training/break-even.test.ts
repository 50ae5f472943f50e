import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  breakEven,
  breakEvenInputsOf,
  breakEvenVerticals,
  leastCount,
  signChange,
} from '../../sim/training/cost/break-even.ts';
import { findBreakEven, likeFirst, withOverlap } from '../../sim/training/cost/break-even-search.ts';
import { costIn } from '../../sim/training/cost/compare-arms.ts';
import { overlapOf } from '../../sim/training/cost/workload.ts';
import { caseOf, workloadOf } from './cases.ts';
import { draws } from './distilled.ts';
import { bestTeacher, scaledTeacher } from './scaled-teachers.ts';

function near(actual: number, expected: number, relative = 1e-6): void {
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.abs(expected),
    `${actual} is not near ${expected}`,
  );
}

/** Without heads the FLOPs of both arms differ by those of their teachers alone. */
const noHeads = { auxiliary: 0, dim: 256, hidden: 256, adapterHidden: 0 };

const points = suite('training cost: break-even');

points('at full rates, disjoint traffic and one run the external teacher takes 4/3', () => {
  const { ratio, overlap } = breakEven({ overlap: 1, runs: 1, trainShare: 1, labelShare: 1 });
  near(ratio, 4 / 3);
  near(overlap, 4 / 3);
});

points('half the training, all the labels: it takes fewer FLOPs always', () => {
  const { ratio, overlap } = breakEven({ overlap: 1, runs: 1, trainShare: 0.5, labelShare: 1 });
  near(overlap, 0.8333, 0.001);
  assert.ok(ratio < 1);
});

points('the ratio is 1 at every one of them', () => {
  const share = fc.double({ min: 0.05, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 5, noNaN: true }),
      fc.integer({ min: 1, max: 9 }),
      share,
      share,
      (overlap, runs, trainShare, labelShare) => {
        const inputs = { overlap, runs, trainShare, labelShare };
        const at = breakEven(inputs);
        for (const key of ['overlap', 'runs', 'trainShare', 'labelShare'] as const)
          near(breakEven({ ...inputs, [key]: at[key] }).ratio, 1);
      },
    ),
  );
});

points('verticals that share a part of their traffic reach the overlap that is needed', () => {
  const rates = { runs: 1, trainShare: 1, labelShare: 1 };
  const count = breakEvenVerticals(0.5, rates);
  near(count / (1 + (count - 1) * 0.5), 4 / 3);
  near(count, 2);
  assert.is(breakEvenVerticals(0.1, rates), Infinity);
  assert.is(breakEvenVerticals(0, { ...rates, runs: 2 }), 1);
});

points('the search over FLOPs finds the closed forms', () => {
  const given = caseOf({ heads: noHeads, ...withOverlap(workloadOf(), 1.2) });
  const closed = breakEven(breakEvenInputsOf(given.workload));
  const found = findBreakEven(given, 'flopPerDay', 0.5);
  // The ratio of all FLOPs holds those of the verticals too, which are few.
  near(found.ratio, closed.ratio, 0.001);
  near(found.overlap!, closed.overlap);
  near(found.trainShare!, closed.trainShare);
  near(found.labelShare!, closed.labelShare);
  assert.is(found.runs, Math.ceil(closed.runs));
  assert.is(found.verticals, 2);
});

points('in money a shared teacher wins sooner: co-distillation holds one in memory for every run', () => {
  const given = caseOf();
  const [flop, usd] = (['flopPerDay', 'usdPerDay'] as const).map((figure) =>
    findBreakEven(given, figure, 0.5),
  );
  assert.ok(flop.ratio > 1);
  assert.ok(usd.ratio < 1);
  assert.is(usd.overlap, undefined);
  assert.is(usd.runs, 1);
});

points('verticals like the first have the union that they share', () => {
  const { verticals, uniqueExamplesPerDay } = likeFirst(workloadOf(), 4, 0.25);
  assert.is(new Set(verticals.map(({ name }) => name)).size, 4);
  near(uniqueExamplesPerDay, 1e9 * (1 + 3 * 0.75));
  near(overlapOf(workloadOf({ verticals, uniqueExamplesPerDay })), 4 / 3.25);
});

points('a search finds a root, a least count, or says that there is none', () => {
  near(signChange((x) => x * x - 2, { low: 0, high: 2 })!, Math.SQRT2, 1e-12);
  assert.is(
    signChange((x) => x + 1, { low: 0, high: 2 }),
    undefined,
  );
  assert.is(
    signChange((x) => x, { low: 0, high: 2 }),
    0,
  );
  assert.is(
    leastCount((count) => 7.5 - count, 100),
    8,
  );
  assert.is(
    leastCount(() => 1, 100),
    undefined,
  );
  assert.is(
    leastCount(() => 0, 100),
    1,
  );
});

points.run();

const budget = suite('training cost: teacher under a budget');

budget('costs no more than it may, and nothing that fits gains more', () => {
  const given = caseOf();
  const found = bestTeacher(given, 20_000, draws)!;
  assert.ok(found.best.extraUsdPerDay <= 20_000);
  for (const { extraUsdPerDay, gain } of found.frontier) {
    if (extraUsdPerDay <= 20_000) assert.ok(gain <= found.best.gain);
  }
  assert.ok(found.gain.low <= found.best.gain && found.best.gain <= found.gain.high);
  assert.ok(found.size.low <= found.best.size && found.best.size <= found.size.high);
});

budget('a larger one buys no less gain', () => {
  const gains = [2_000, 10_000, 50_000, 250_000].map((usd) => bestTeacher(caseOf(), usd, draws)!.best.gain);
  for (let i = 1; i < gains.length; i++) assert.ok(gains[i] >= gains[i - 1]);
});

budget('the frontier rises in cost and in gain', () => {
  const { frontier } = bestTeacher(caseOf(), 20_000, draws)!;
  assert.ok(frontier.length > 5);
  for (let i = 1; i < frontier.length; i++) {
    assert.ok(frontier[i].extraUsdPerDay > frontier[i - 1].extraUsdPerDay);
    assert.ok(frontier[i].gain > frontier[i - 1].gain);
  }
});

budget('of nothing buys none', () => {
  assert.is(bestTeacher(caseOf(), 1, draws), undefined);
});

budget('device seconds that were given follow the size', () => {
  const verticalTrainingS = new Array(10).fill(1e-7);
  const headsS = new Array(10).fill(0);
  const seconds = { teacherTrainingS: 1e-3, labelS: 3e-4, verticalTrainingS, headsS };
  const given = { ...caseOf(), seconds };
  const choices = { sizes: [0.5], trainShares: [1], labelShares: [1] };
  const { best } = bestTeacher(given, 1e6, draws, choices)!;
  const half = { ...seconds, teacherTrainingS: 5e-4, labelS: 1.5e-4 };
  const workload = workloadOf({ teacher: scaledTeacher(given.workload.teacher, 0.5) });
  const cost = costIn('shared-teacher', { ...given, workload, seconds: half }).usdPerDay;
  near(best.extraUsdPerDay, cost - costIn('no-teacher', given).usdPerDay);
});

budget.run();
