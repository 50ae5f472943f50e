import { formatPercent } from '../../../foundation/units.ts';
import type { DistillationArm } from '../../../scenarios/distillation/deployment.ts';
import type { DistillationCase } from '../cost/distillation-case.ts';
import { constantsOf } from '../distillation/case-of.ts';
import type { QualityConstantName } from '../quality/constants.ts';
import { ConstantDraws } from '../quality/estimate.ts';
import type { TeacherChoice } from './choice-result.ts';
import { chooseSnapshots } from './choose-snapshots.ts';
import {
  chooseTeacher,
  type PricedTeacher,
  pointOf,
  pricedTeacher,
  type TeacherMarket,
  type TeacherSearch,
  teachersFor,
} from './choose-teacher.ts';
import type { DistillationAlternative, TeacherPlan } from './distillation-plan-result.ts';
import { type DistillationPlanner, replicationsOf, termsOf } from './distillation-planner.ts';
import { LabelNeed } from './label-need.ts';
import { exceededInWords, limitsExceeded, usdPerDay } from './plan-limits.ts';
import { prove } from './prove.ts';
import { type ScaledTeacherModel, scaleTeacherModel } from './scale-teacher-model.ts';
import {
  type SizedArm,
  type SizedVerticals,
  type SizingTerms,
  sizeArm,
  sizeVerticals,
  type UnsizedArm,
} from './size-arm.ts';
import { caseOfSized, teacherPlan } from './teacher-plan.ts';
import { thinned } from './thinned-case.ts';

/** An alternative with what remedies and sensitivity need of it. */
export interface PlannedArm {
  /** As the scenario states it. */
  arm: DistillationArm;
  alternative: DistillationAlternative;
  /** Teachers that were looked at under a budget. */
  market?: TeacherMarket;
  sized?: SizedArm;
  scaled?: ScaledTeacherModel;
}

interface Context {
  planner: DistillationPlanner;
  arm: DistillationArm;
  terms: SizingTerms;
  verticals: SizedVerticals;
  need: LabelNeed;
  draws: ConstantDraws<QualityConstantName>;
}

/** Sizes an arm, with the teacher that it states or the one of most gain under the budget, and proves it. */
export async function planArm(
  planner: DistillationPlanner,
  arm: DistillationArm,
  terms: SizingTerms = termsOf(planner),
): Promise<PlannedArm> {
  const verticals = sizeVerticals(arm, terms);
  if ('state' in verticals) return withoutFleet(arm, verticals);
  const { seed, replications } = planner.scenario.settings;
  const context: Context = {
    planner,
    arm,
    terms,
    verticals,
    need: new LabelNeed(arm, terms.horizon, { seed, replications }),
    draws: new ConstantDraws(constantsOf(arm), { seed }),
  };
  const { budget } = planner.spec;
  // Prices are read in USD/h.
  return budget === undefined ? statedTeacher(context) : soughtTeacher(context, budget * 24);
}

async function statedTeacher(context: Context): Promise<PlannedArm> {
  const { arm, verticals, need, terms } = context;
  const sized = sizeArm(arm, verticals, need, terms);
  if (sized.state !== 'SIZED') return withoutFleet(arm, sized);
  return finished(context, sized, scaleTeacherModel(arm.teacher.model, 1));
}

/** The teacher of most gain whose proven fleets are within the budget and the limits. */
async function soughtTeacher(context: Context, budgetUsdPerDay: number): Promise<PlannedArm> {
  const { planner, arm, terms, verticals, need, draws } = context;
  const { spec } = planner;
  const given = await gapsOf(context);
  if ('state' in given) return withoutFleet(arm, given);
  const search: TeacherSearch = { arm, spec, verticals, need, terms, given };
  const market = teachersFor(search, budgetUsdPerDay);
  const shares = { trainShare: arm.teacher.train_share, labelShare: arm.teacher.label_share };
  const stated = pricedTeacher(search, scaleTeacherModel(arm.teacher.model, 1), shares);
  const ofStated = 'state' in stated ? {} : { stated: pointOf(stated, draws) };
  const within = market.priced.filter(({ sized }) => limitsExceeded(sized, spec).length === 0);
  // Where limits leave none, the best without them shows by how much they are passed.
  let priced = within.some(({ extraUsdPerDay }) => extraUsdPerDay <= budgetUsdPerDay)
    ? within
    : market.priced;
  const rejected: TeacherChoice['rejected'] = [];
  for (;;) {
    const { chosen, choice: found } = chooseTeacher({ ...market, priced }, budgetUsdPerDay, draws);
    const choice = { ...found, ...ofStated, considered: market.priced.length, rejected };
    if (!chosen) return noTeacher(context, market, choice);
    const planned = await finished(context, chosen.sized, chosen.scaled, budgetUsdPerDay);
    const extraUsdPerDay = planned.sized!.money.extra;
    if (extraUsdPerDay <= budgetUsdPerDay)
      return { ...planned, market, alternative: { ...planned.alternative, choice } };
    const { size, trainShare, labelShare } = choice.chosen!;
    rejected.push({ size, trainShare, labelShare, extraUsdPerDay });
    priced = priced.filter((each) => each !== chosen);
  }
}

/** Quality with the gaps of a pipeline: that of the stated teacher, or where it has no fleet of the largest that has one. */
async function gapsOf(context: Context): Promise<DistillationCase | UnsizedArm> {
  const { planner, arm, verticals, need, terms } = context;
  let why: UnsizedArm | undefined;
  for (let size = 1; size >= 1 / 32; size /= 2) {
    const { model } = scaleTeacherModel(arm.teacher.model, size);
    const named = size === 1 ? model : { ...model, name: `${model.name} × ${size}` };
    const sized = sizeArm({ ...arm, teacher: { ...arm.teacher, model: named } }, verticals, need, terms);
    if (sized.state === 'SIZED') {
      const runs = await replicationsOf(planner, sized.arm, sized.pipeline);
      return thinned(caseOfSized(planner, sized, runs).given, arm);
    }
    why ??= sized;
    if (sized.state === 'BATCH TOO SLOW') break;
  }
  return why!;
}

/** Snapshots chosen, the pipeline proven, limits checked. */
async function finished(
  context: Context,
  first: SizedArm,
  scaled: ScaledTeacherModel,
  budgetUsdPerDay?: number,
): Promise<PlannedArm> {
  const { planner, arm, terms, verticals, draws } = context;
  const snapshots = await chooseSnapshots(planner, first, verticals, terms, draws, budgetUsdPerDay);
  const proven = await prove(planner, snapshots?.sized ?? first, verticals, terms);
  const plan = teacherPlan(planner, proven, scaled, arm, draws);
  const { sized } = proven;
  return {
    arm,
    sized,
    scaled,
    alternative: {
      name: arm.name,
      ...stateOf(planner, sized, plan),
      plan,
      ...(snapshots && { snapshots: snapshots.choice }),
      notes: notesOf(arm, sized),
    },
  };
}

function stateOf(
  { spec }: DistillationPlanner,
  sized: SizedArm,
  { gain }: TeacherPlan,
): Pick<DistillationAlternative, 'state' | 'reasons'> {
  const exceeded = limitsExceeded(sized, spec).map(exceededInWords);
  const short =
    spec.gain !== undefined && gain.value < spec.gain
      ? [
          `gains ${formatPercent(gain.value)} of NE, plan.gain asks for ${formatPercent(spec.gain)}: ` +
            `${formatPercent(spec.gain - gain.value)} too little`,
        ]
      : [];
  const reasons = [...exceeded, ...short];
  if (exceeded.length > 0) return { state: 'EXCEEDS LIMITS', reasons };
  return { state: short.length > 0 ? 'GAINS TOO LITTLE' : 'PLANNED', reasons };
}

function noTeacher({ arm, draws }: Context, market: TeacherMarket, choice: TeacherChoice): PlannedArm {
  const cheapest = cheapestThatGains(market, draws);
  const { budgetUsdPerDay: budget } = choice;
  const reason = cheapest
    ? `the cheapest teacher that gains costs ${usdPerDay(cheapest.extraUsdPerDay, 'up')} above no teacher, ` +
      `plan.budget allows ${usdPerDay(budget)}: ${usdPerDay(cheapest.extraUsdPerDay - budget, 'up')} too much`
    : 'no teacher that was looked at gains anything';
  return {
    arm,
    market,
    alternative: { name: arm.name, state: 'NO TEACHER IN BUDGET', reasons: [reason], choice, notes: [] },
  };
}

export function cheapestThatGains(
  { priced }: TeacherMarket,
  draws: ConstantDraws<QualityConstantName>,
): PricedTeacher | undefined {
  return priced
    .filter((each) => pointOf(each, draws).gain > 0)
    .sort((a, b) => a.extraUsdPerDay - b.extraUsdPerDay)[0];
}

function withoutFleet(arm: DistillationArm, { state, reasons }: UnsizedArm): PlannedArm {
  return { arm, alternative: { name: arm.name, state, reasons, notes: [] } };
}

/** What of the arm the plan does not go by. */
function notesOf({ teacher }: DistillationArm, sized: SizedArm): string[] {
  const examples = sized.arm.teacher.fleet.examples_per_device;
  const stated = teacher.fleet.examples_per_device;
  if (examples === stated) return [];
  return [
    `a step of the teacher has ${examples} examples on each accelerator instead of ${stated}, which take fewer hosts`,
  ];
}
