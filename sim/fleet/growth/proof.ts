import { simulateFleets } from '../fleet-simulation.ts';
import type { Planner } from '../planner.ts';
import type { GrowingAlternative } from './build.ts';
import type { GrowthResult } from './growth-result.ts';
import type { GrowthInstance } from './instance.ts';
import { hostsAtWork, type PurchasePlan } from './model.ts';

type Proof = GrowthResult['proofs'][number];

/** Replications of a proof at most, and quarters that are proven: the simulations only check the operating points. */
const mostReplications = 4;

/** Simulates the alternatives at work in the given quarters: their share of the demand with its headroom used up. */
export async function proveQuarters(
  planner: Planner,
  instance: GrowthInstance,
  alternatives: readonly GrowingAlternative[],
  plan: PurchasePlan,
  quarters: readonly number[],
): Promise<Proof[]> {
  const { spec, sla, scenario } = planner;
  const questions = quarters.flatMap((quarter) =>
    hostsAtWork(instance, plan, quarter).map(({ alternative, share, roles }) => {
      const { plan: placed, capacity } = alternatives[alternative].points[quarter];
      const regions = roles[0].role.times;
      const hosts = new Map(
        roles.map(({ role, hosts: count }) => [role.group, count / role.times - spec.spares]),
      );
      const ratePerS = (instance.demandPerS[quarter] * share) / (1 - spec.headroom) / regions;
      const question = { state: '', plan: placed!, hosts, ratePerS, unloadedS: capacity!.unloadedS };
      return { quarter, alternative, question };
    }),
  );
  const answers = await simulateFleets(
    planner,
    questions.map(({ question }) => question),
    Math.min(mostReplications, scenario.settings.replications),
  );
  return questions.map(({ quarter, alternative, question }, index) => {
    const { state } = answers[index];
    return {
      quarter: quarter + 1,
      alternative: instance.alternatives[alternative].name,
      ratePerS: question.ratePerS,
      hosts: [...question.hosts.values()].reduce((sum, count) => sum + count, 0),
      sliceOf: state.sliceOf,
      latencyS: state.latencyS[sla.percentile],
      met: state.met,
    };
  });
}

/** The quarters in which a plan has least to spare: the last one before each delivery, and the last of all. */
export function criticalQuarters({ from, delivered, unserved }: PurchasePlan, most = 3): number[] {
  const served = unserved.flatMap((share, step) => (share === 0 ? [step] : []));
  const last = served.at(-1);
  if (last === undefined) return [];
  const before = served.filter((step) => delivered.some((list) => (list[step + 1] ?? 0) > 0));
  const chosen = new Set([last, ...before.slice(-(most - 1)).reverse()]);
  return [...chosen].sort((a, b) => a - b).map((step) => step + from);
}
