import type { ResolvedWorkload } from '../../../scenarios/deployment.ts';
import type { PlanSpec } from '../../../scenarios/plan-schema.ts';
import { racksOf } from '../redundancy.ts';
import { type Oversize, pairOf } from './build.ts';
import { type MixInstance, type MixPair, type MixShare, totalsOf } from './instance.ts';
import type { MixPlanner, MixPoint } from './points.ts';
import { Prover, type ShareProof } from './proof.ts';
import { type MixSolution, solveMix } from './solve.ts';

/** A pair that can serve, with the operating point it was built from. */
export interface PossiblePair {
  point: MixPoint;
  pair: MixPair;
  oversize: Oversize;
}

/** A mix and its simulations. */
export interface ProvenMix {
  pairs: PossiblePair[];
  instance: MixInstance;
  /** Undefined where there is none. */
  solution?: MixSolution;
  /** By pair; undefined where it serves nothing. */
  proofs: (ShareProof | undefined)[];
  rounds: number;
}

/** Times at most that hosts are raised after a simulation missed. */
const mostRounds = 10;

/** Least factor by which hosts of a share are raised whose simulation missed. */
const raise = 1.02;

/** More racks than any fleet fills: losing one takes a host of each role. */
const manyRacks = 1e6;

/** Times that the racks of a mix are counted anew, since other racks may make another mix. */
const mostCounts = 5;

/**
 * The best mix of the operating points that simulations confirm: pairs whose share misses its SLA, or uses a resource more
 * than is allowed, are given more hosts per request, and the mix is chosen anew.
 */
export async function searchMix(
  planner: MixPlanner,
  workloads: readonly ResolvedWorkload[],
  points: readonly MixPoint[],
): Promise<ProvenMix> {
  const possible = points.filter(({ isPossible }) => isPossible);
  const oversize = possible.map((): Oversize => new Map());
  const prover = new Prover(planner, workloads);
  for (let rounds = 0; ; rounds++) {
    const { pairs, racks, instance, solution } = await solved(planner.spec, workloads, possible, oversize);
    if (!solution) return { pairs, instance, proofs: [], rounds };
    const used = [...pairs.keys()].filter((index) => solution.fleet[index].ratePerS > 0);
    const found = await prover.prove(
      used.map((index) => ({ ...pairs[index], share: solution.fleet[index], racks })),
    );
    const failing = used.filter((_, index) => !found[index].holds);
    if (failing.length === 0 || rounds === mostRounds) {
      const proofs = pairs.map((_, index) => found[used.indexOf(index)]);
      return { pairs, instance, solution, proofs, rounds };
    }
    for (const index of failing) {
      const proof = found[used.indexOf(index)];
      oversize[index] = larger(pairs[index], solution.fleet[index], proof, rounds);
    }
  }
}

/** The program's question for pairs of given sizes, solved; with racks, for as many as the mix fills. */
async function solved(
  spec: PlanSpec,
  workloads: readonly ResolvedWorkload[],
  possible: readonly MixPoint[],
  oversize: readonly Oversize[],
) {
  const build = (racks: number) => {
    const pairs = possiblePairs(spec, possible, oversize, racks);
    return {
      racks,
      pairs,
      instance: instanceOf(
        spec,
        workloads,
        pairs.map(({ pair }) => pair),
      ),
    };
  };
  let built = build(manyRacks);
  let solution = await solveMix(built.instance);
  if (spec.survive !== 'rack') return { ...built, solution };
  for (let count = 0; count < mostCounts && solution; count++) {
    const hosts = totalsOf(built.instance.pairs, solution.fleet).hosts;
    const racks = Math.min(built.racks, racksOf(hosts, spec.hosts_per_rack));
    if (racks === built.racks) break;
    built = build(racks);
    solution = await solveMix(built.instance);
  }
  return { ...built, solution };
}

export function possiblePairs(
  spec: PlanSpec,
  possible: readonly MixPoint[],
  oversize: readonly Oversize[],
  racks = manyRacks,
): PossiblePair[] {
  return possible.map((point, index) => {
    const { workload, alternative, plan, capacity } = point;
    const options = { workload, alternative, oversize: oversize[index], racks };
    return { point, oversize: oversize[index], pair: pairOf(plan!.arm, capacity!, spec, options) };
  });
}

export function instanceOf(
  { stock, limits, objective }: PlanSpec,
  workloads: readonly ResolvedWorkload[],
  pairs: MixPair[],
): MixInstance {
  return {
    workloads: workloads.map(({ targetPerS, maxAlternatives }) => ({
      targetPerS,
      ...(maxAlternatives !== undefined && { maxAlternatives }),
    })),
    pairs,
    stock: new Map(Object.entries(stock)),
    limits: {
      ...(limits.price !== undefined && { usdPerHour: limits.price }),
      ...(limits.power !== undefined && { watts: limits.power }),
      ...(limits.hosts !== undefined && { hosts: limits.hosts }),
    },
    objective,
  };
}

/** More hosts of the busiest role; where that has not helped, of all roles. */
function larger(
  { pair, oversize }: PossiblePair,
  { units, ratePerS }: MixShare,
  { states }: ShareProof,
  round: number,
): Oversize {
  const worst = states.find(({ met }) => met !== 'yes') ?? states[0];
  const [{ group }] = worst.utilisation;
  const all = round % 2 === 1 || !pair.roles.some(({ groups }) => groups.includes(group));
  const raised = new Map(oversize);
  pair.roles.forEach(({ groups, needs }, role) => {
    if (!all && !groups.includes(group)) return;
    const factors = needs.map(
      ({ perRequestPerS, fixed }) => (units[role] + 1e-3 - fixed) / (perRequestPerS * ratePerS),
    );
    const oneMore = Math.min(...factors.filter((factor) => factor > 1), Number.MAX_VALUE);
    const factor = Math.max(raise, all ? 1 : oneMore);
    for (const one of groups) raised.set(one, (oversize.get(one) ?? 1) * factor);
  });
  return raised;
}
