import { InputError } from '../../foundation/problem.ts';
import type { ResolvedScenario } from '../../scenarios/deployment.ts';
import type { Percentile } from '../result.ts';
import { jobsOf, outcomesByArm } from '../run.ts';
import { type PlannedArm, summarise } from '../summarise.ts';
import { attribute, type MixtureOutcome } from './attribution.ts';
import { allOf, type Design, designOf, fieldsIn } from './coalitions.ts';
import type { ComparedPair, Comparison } from './comparison-result.ts';
import { endsOf } from './mixture.ts';
import type { Runner, Side } from './sides.ts';

/** Most pairs of arms that are attributed; each takes up to 16 times the simulations of an arm. */
export const maxAttributedPairs = 4;

/**
 * Attributes the differences of each pair to the fields that differ, by simulating mixtures of A and B. Pairs of which
 * that cannot be said tell why.
 * @param comparison of these sides
 * @throws whatever the runner throws
 */
export async function withAttributions(
  comparison: Comparison,
  sides: readonly [Side, Side],
  run: Runner,
): Promise<Comparison> {
  let left = maxAttributedPairs;
  const pairs: ComparedPair[] = [];
  for (const pair of comparison.pairs) {
    const reason = whyNot(pair, sides, left);
    // A single field explains all, whatever it is: that takes no simulation.
    if (reason === undefined && pair.inputs.length > 1) left--;
    pairs.push(
      reason === undefined
        ? { ...pair, ...(await explained(pair, sides, comparison.judged, run)) }
        : { ...pair, ...(reason !== '' && { noAttribution: reason }) },
    );
  }
  return { ...comparison, pairs };
}

/** Empty where there is nothing to explain. */
function whyNot(
  { inputs, meaningless }: ComparedPair,
  [a, b]: readonly [Side, Side],
  left: number,
): string | undefined {
  if (inputs.length === 0) return '';
  if (meaningless !== undefined) return 'not for arms whose latencies cannot be compared';
  if (!a.simulated || !b.simulated) return 'only scenarios can be simulated field by field, not results';
  if (left === 0 && inputs.length > 1)
    return `only the first ${maxAttributedPairs} pairs that differ are simulated field by field: choose one with --arm`;
  return undefined;
}

async function explained(
  pair: ComparedPair,
  [a, b]: readonly [Side, Side],
  judged: Percentile,
  run: Runner,
): Promise<Pick<ComparedPair, 'attribution' | 'noAttribution'>> {
  const simulated = ({ simulated: known }: Side, name: string) => ({
    arm: known!.scenario.arms.find((arm) => arm.name === name)!,
    placement: known!.scenario.placementFiles.get(name),
  });
  const ends = endsOf(simulated(a, pair.a.name), simulated(b, pair.b.name));
  if (ends.paths.length === 0) return { noAttribution: 'the inputs differ in nothing that is simulated' };
  const design = await designOf(ends);
  const mixtures = await outcomesOf(design, a.simulated!.scenario, run).catch((error: unknown) => {
    // A mixture that is overloaded beyond what can be run says so; A and B themselves have been answered.
    if (error instanceof InputError) return error.message;
    throw error;
  });
  if (typeof mixtures === 'string') return { noAttribution: mixtures };
  const known = (side: Side, name: string): MixtureOutcome => {
    const { fleet, verdict } = side.result.arms.find((arm) => arm.name === name)!;
    return {
      ...side.simulated!.outcomes.get(name)!,
      pricePerHourUsd: fleet.pricePerHourUsd,
      isSaturated: verdict.state === 'SATURATED',
    };
  };
  mixtures.set(0, known(a, pair.a.name));
  mixtures.set(allOf(design.factors), known(b, pair.b.name));
  const { confidence } = a.result.scenario;
  return { attribution: attribute(design, mixtures, judged, confidence) };
}

/** Simulates the mixtures of a design with the settings of a scenario. */
async function outcomesOf(
  { mixtures, factors }: Design,
  scenario: ResolvedScenario,
  run: Runner,
): Promise<Map<number, MixtureOutcome>> {
  const planned: PlannedArm[] = [...mixtures].map(([mask, plan]) => {
    // Names tell the mixtures apart where a run fails.
    const arm = { ...plan.arm, name: `A with ${fieldsIn(factors, mask).join(', ')} of B` };
    return { name: arm.name, arm, plan: { ...plan, arm } };
  });
  const mixed = { ...scenario, arms: planned.map(({ arm }) => arm), baseline: '' };
  const jobs = jobsOf(mixed, planned);
  const byArm = outcomesByArm(planned, jobs, await run(jobs));
  const { arms } = summarise(mixed, planned, byArm, '');
  return new Map(
    [...mixtures.keys()].map((mask, index) => [
      mask,
      {
        ...byArm[index],
        pricePerHourUsd: arms[index].fleet.pricePerHourUsd,
        isSaturated: arms[index].verdict.state === 'SATURATED',
      },
    ]),
  );
}
