import { qualityFields } from '../../../scenarios/distillation/costs-schema.ts';
import { breakEven, breakEvenInputsOf, breakEvenVerticals } from '../cost/break-even.ts';
import { findBreakEven } from '../cost/break-even-search.ts';
import { compareArms, costIn } from '../cost/compare-arms.ts';
import type { DistillationCase } from '../cost/distillation-case.ts';
import { examplesOf } from '../cost/workload.ts';
import type { QualityConstantName } from '../quality/constants.ts';
import type { ConstantDraws, Estimate } from '../quality/estimate.ts';
import type { VerticalQuality } from '../quality/vertical-quality.ts';
import { copyName } from './demand.ts';
import type { PriceOfGain } from './figure-result.ts';
import type { PreparedArm } from './prepare.ts';
import type { BreakEvenResult, Quality, SystemResult } from './system-result.ts';

/** The four systems of an arm; of verticals alike, one is told. */
export function systemsOf(
  { arm }: PreparedArm,
  given: DistillationCase,
  draws: ConstantDraws<QualityConstantName>,
): SystemResult[] {
  const names = new Map(arm.verticals.map((vertical) => [copyName(vertical), vertical.name]));
  return compareArms(given, draws).map(
    ({ arm: system, cost: { arm: _, servingFlop: __, ...cost }, verticals, usdPerDayPerStep, ...rest }) => ({
      system,
      cost,
      ...rest,
      ...(usdPerDayPerStep && { usdPerDayPerStep: priceOf(usdPerDayPerStep) }),
      verticals: verticals
        .filter(({ name }) => names.has(name))
        .map(({ name, extraUsdPerDay, quality, usdPerDayPerStep: price }) => ({
          name: names.get(name)!,
          extraUsdPerDay,
          ...(quality && { quality: qualityOf(quality) }),
          ...(price && { usdPerDayPerStep: priceOf(price) }),
        })),
    }),
  );
}

/** Constants are called as a scenario states them. */
export function qualityOf({ name: _, evidence, swings, ...quality }: VerticalQuality): Quality {
  return {
    ...quality,
    swings: swings.map(({ constant, ...swing }) => ({
      constant: fieldOf.get(constant) ?? constant,
      ...swing,
    })),
    ...(evidence !== undefined && { evidence }),
  };
}

const fieldOf = new Map<string, string>(Object.entries(qualityFields).map(([field, name]) => [name, field]));

/** Infinity is no number of JSON. */
function priceOf({ value, low, high }: Estimate): PriceOfGain {
  const finite = (number: number) => (Number.isFinite(number) ? number : null);
  return { value: finite(value), low: finite(low), high: finite(high) };
}

/** Where a shared teacher costs as much as co-distillation, by the closed form and over whole costs. */
export function breakEvenOf(given: DistillationCase): BreakEvenResult {
  const { workload } = given;
  const inputs = breakEvenInputsOf(workload);
  const sharedPart = sharedPartOf(given);
  const verticals = breakEvenVerticals(sharedPart, inputs);
  return {
    inputs: { ...inputs, sharedPart },
    closed: { ...breakEven(inputs), verticals: Number.isFinite(verticals) ? verticals : null },
    found: (['usdPerDay', 'flopPerDay'] as const).map((figure) => ({
      ...findBreakEven(given, figure, sharedPart),
      ratio: costIn('shared-teacher', given)[figure] / costIn('co-distillation', given)[figure],
    })),
  };
}

/** s: what part of the traffic of each vertical past the largest is shared, by the union. */
function sharedPartOf({ workload }: DistillationCase): number {
  const { verticals, uniqueExamplesPerDay } = workload;
  const sum = examplesOf(workload);
  const largest = Math.max(...verticals.map(({ examplesPerDay }) => examplesPerDay));
  if (sum <= largest) return 0;
  return Math.min(1, Math.max(0, (sum - uniqueExamplesPerDay) / (sum - largest)));
}
