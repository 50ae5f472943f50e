import type { DistillationArm } from '../../../scenarios/distillation/deployment.ts';
import { copiesOf, overlapOf, trafficOf as trafficOfVertical } from '../distillation/demand.ts';
import type { HorizonSpec } from '../pipeline/pipeline-spec.ts';
import { requiredCapacityPerS } from '../pipeline/required-capacity.ts';
import { trafficOf } from '../pipeline/traffic.ts';

/** What the traffic of an arm asks of a label service, whatever its servers are. */
export class LabelNeed {
  private readonly amounts: Float64Array[];
  private readonly stepS: number;
  private readonly known = new Map<number, number | undefined>();

  constructor(
    arm: DistillationArm,
    horizon: HorizonSpec,
    { seed, replications }: { seed: number; replications: number },
  ) {
    const { variation, correlation } = arm.traffic;
    const traffic = {
      verticals: copiesOf(arm.verticals).map(({ vertical }) => trafficOfVertical(vertical)),
      overlap: overlapOf(arm),
      weather: { coefficientOfVariation: variation, correlationS: correlation },
    };
    this.stepS = horizon.stepS;
    this.amounts = Array.from(
      { length: replications },
      (_, replication) => trafficOf(traffic, horizon, { seed, replication }).unique,
    );
  }

  /**
   * Least examples/s at which no label of the unique examples is late, in any replication.
   * @param slackS time that an example may queue
   * @returns undefined where it may not even queue for no time
   */
  requiredPerS(slackS: number): number | undefined {
    const steps = Math.floor(slackS / this.stepS + 1e-9);
    if (!this.known.has(steps)) this.known.set(steps, this.required(steps));
    return this.known.get(steps);
  }

  private required(steps: number): number | undefined {
    if (steps < 0) return undefined;
    return Math.max(...this.amounts.map((unique) => requiredCapacityPerS(unique, steps, this.stepS)!));
  }
}
