import type { DistillationArm } from '../../../scenarios/distillation/deployment.ts';
import type { DistillationCase } from '../cost/distillation-case.ts';
import { copyName } from '../distillation/demand.ts';

/** A case with fewer of the verticals that are alike, in the same proportions: means over verticals stay what they are. */
export function thinned(given: DistillationCase, { verticals }: DistillationArm): DistillationCase {
  const common = verticals.reduce((divisor, { count }) => greatestCommonDivisor(divisor, count), 0);
  const kept = new Set(
    verticals.flatMap((vertical) =>
      Array.from({ length: vertical.count / common }, (_, copy) => copyName(vertical, copy)),
    ),
  );
  const { workload, targets } = given;
  return {
    ...given,
    workload: { ...workload, verticals: workload.verticals.filter(({ name }) => kept.has(name)) },
    targets: targets.filter(({ name }) => kept.has(name)),
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
