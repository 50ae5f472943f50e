import { InputError } from '../../../foundation/problem.ts';
import { formatPercent, significant } from '../../../foundation/units.ts';
import type { DistillationArm } from '../../../scenarios/distillation/deployment.ts';
import type { DistillationPlanFields } from '../../../scenarios/distillation/plan-schema.ts';
import { bestAmong, frontierOf, type PricedCase } from '../cost/best-teacher.ts';
import { meanGainIn } from '../cost/compare-arms.ts';
import type { DistillationCase } from '../cost/distillation-case.ts';
import type { QualityConstantName } from '../quality/constants.ts';
import type { ConstantDraws } from '../quality/estimate.ts';
import type { TeacherChoice, TeacherPoint } from './choice-result.ts';
import type { LabelNeed } from './label-need.ts';
import { forwardFlopOf, type ScaledTeacherModel, scaleTeacherModel } from './scale-teacher-model.ts';
import {
  type SizedArm,
  type SizedVerticals,
  type SizingTerms,
  sizeArm,
  type UnsizedArm,
} from './size-arm.ts';

/** From 1/32 of the given teacher to 4 times it. */
const usualSizes = Array.from({ length: 8 }, (_, step) => 2 ** (step - 5));
const usualShares = [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1];

/** A size whose least costs so many times the budget ends the search: larger ones cost more still. */
const farBeyond = 2;

/** Largest error of a size that is still called by its name. */
const sizeTolerance = 0.25;

/** A teacher of some size and shares with its fleets, at what they cost above no teacher. */
export interface PricedTeacher extends PricedCase {
  sized: SizedArm;
  scaled: ScaledTeacherModel;
}

/** All teachers that were looked at. */
export interface TeacherMarket {
  priced: PricedTeacher[];
  notBuilt: TeacherChoice['notBuilt'];
}

/** What teachers are sought for. */
export interface TeacherSearch {
  arm: DistillationArm;
  spec: DistillationPlanFields;
  verticals: SizedVerticals;
  need: LabelNeed;
  terms: SizingTerms;
  /** Quality of the arm, with the gaps of a pipeline that was simulated. */
  given: DistillationCase;
}

/**
 * Teachers of every size and shares, each with fleets sized by its own training step. Sizes are looked at from the
 * smallest on.
 */
export function teachersFor(search: TeacherSearch, budgetUsdPerDay: number): TeacherMarket {
  const { spec } = search;
  const sizes = [...new Set(spec.sizes ?? usualSizes)].sort((a, b) => a - b);
  const market: TeacherMarket = { priced: [], notBuilt: [] };
  let isFarBeyond = false;
  for (const size of sizes) {
    if (isFarBeyond) {
      market.notBuilt.push({ size, reason: 'larger than one that is far beyond the budget' });
      continue;
    }
    const scaled = scaledOrReason(search.arm, size);
    const found = typeof scaled === 'string' ? scaled : pricedOf(search, scaled, budgetUsdPerDay);
    if (typeof found === 'string') market.notBuilt.push({ size, reason: found });
    else market.priced.push(...found);
    const least = typeof found === 'string' ? 0 : Math.min(...found.map((each) => each.extraUsdPerDay));
    isFarBeyond = least > farBeyond * budgetUsdPerDay;
  }
  return market;
}

/** One teacher with its fleets, or why there are none. */
export function pricedTeacher(
  { arm, verticals, need, terms, given }: TeacherSearch,
  scaled: ScaledTeacherModel,
  shares: { trainShare: number; labelShare: number },
): PricedTeacher | UnsizedArm {
  const { trainShare, labelShare } = shares;
  const teacher = { ...arm.teacher, model: scaled.model, train_share: trainShare, label_share: labelShare };
  const sized = sizeArm({ ...arm, teacher }, verticals, need, terms);
  if (sized.state !== 'SIZED') return sized;
  const forwardFlop = scaled.forwardFlop;
  const workload = {
    ...given.workload,
    teacher: { ...given.workload.teacher, forwardFlop },
    trainShare,
    labelShare,
  };
  return {
    given: { ...given, workload },
    size: forwardFlop / forwardFlopOf(arm.teacher.model),
    extraUsdPerDay: sized.money.extra,
    sized,
    scaled,
  };
}

/** The teacher of most gain within a budget, and what the choice rests on. */
export function chooseTeacher(
  { priced, notBuilt }: TeacherMarket,
  budgetUsdPerDay: number,
  draws: ConstantDraws<QualityConstantName>,
): { chosen?: PricedTeacher; choice: TeacherChoice } {
  const found = bestAmong(priced, budgetUsdPerDay, draws);
  const points = priced.map((each) => pointOf(each, draws));
  const choice: TeacherChoice = {
    budgetUsdPerDay,
    considered: priced.length,
    affordable: priced.filter(({ extraUsdPerDay }) => extraUsdPerDay <= budgetUsdPerDay).length,
    notBuilt,
    rejected: [],
    frontier: inSteps(frontierOf(points)),
    ...(found && { chosen: pointOf(found.best, draws), gain: found.gain, size: found.size }),
  };
  return { ...(found && { chosen: found.best }), choice };
}

/** Cost by which a point of the frontier must exceed the one before it; of those that are nearer the last is kept. */
const frontierStep = 1.02;

function inSteps(frontier: readonly TeacherPoint[]): TeacherPoint[] {
  return frontier.filter(({ extraUsdPerDay }, index) => {
    const next = frontier[index + 1];
    return next === undefined || next.extraUsdPerDay > frontierStep * extraUsdPerDay;
  });
}

export function pointOf(
  { sized, given, size, extraUsdPerDay }: PricedTeacher,
  draws: ConstantDraws<QualityConstantName>,
): TeacherPoint {
  const { teacher, trainShare, labelShare } = given.workload;
  const [training, labelling] = sized.fleets;
  return {
    size,
    forwardFlop: teacher.forwardFlop,
    trainShare,
    labelShare,
    extraUsdPerDay,
    hosts: training.hosts + labelling.hosts,
    gain: meanGainIn('shared-teacher', given, draws.nominal),
  };
}

/** All shares of one size, or why there is no teacher of it. */
function pricedOf(
  search: TeacherSearch,
  scaled: ScaledTeacherModel,
  budgetUsdPerDay: number,
): PricedTeacher[] | string {
  const { train_shares = usualShares, label_shares = usualShares } = search.spec;
  const [trainShares, labelShares] = [ascending(train_shares), ascending(label_shares)];
  const least = pricedTeacher(search, scaled, { trainShare: trainShares[0], labelShare: labelShares[0] });
  if ('state' in least) return least.reasons[0];
  if (least.extraUsdPerDay > farBeyond * budgetUsdPerDay) return [least];
  return trainShares.flatMap((trainShare) =>
    labelShares.flatMap((labelShare) => {
      const each = pricedTeacher(search, scaled, { trainShare, labelShare });
      return 'state' in each ? [] : [each];
    }),
  );
}

/** The teacher in another size, with a name of its own, or why it cannot be. */
function scaledOrReason({ teacher: { model } }: DistillationArm, size: number): ScaledTeacherModel | string {
  try {
    const scaled = scaleTeacherModel(model, size);
    const reached = scaled.forwardFlop / (size * forwardFlopOf(model));
    if (Math.abs(reached - 1) > sizeTolerance)
      return `the nearest that can be built, of widths in whole fours, has ${significant(reached)} times its FLOPs`;
    return size === 1
      ? scaled
      : { ...scaled, model: { ...scaled.model, name: `${model.name} × ${significant(size)}` } };
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** A teacher in few words, as `× 0.5, trained on 100 %, labels 50 %`. */
export function teacherInWords({
  size,
  trainShare,
  labelShare,
}: Pick<TeacherPoint, 'size' | 'trainShare' | 'labelShare'>): string {
  return `× ${significant(size)}, trained on ${formatPercent(trainShare)}, labels ${formatPercent(labelShare)}`;
}
