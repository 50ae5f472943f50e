import type { SourceDocument } from '../../../foundation/document.ts';
import { modelBytes } from '../../../models/scale-model.ts';
import type { ArmDeployment } from '../../../scenarios/deployment.ts';
import type { ArmPlan } from '../../serving/plan.ts';
import { CapacityError, type Shortage } from '../../sharding/capacity-error.ts';
import { asReplicaSet, type Capacity, measureCapacity } from '../capacity.ts';
import { groupsOf } from '../fleet-arm.ts';
import { type HostsPerRate, hostsPerRate } from '../operating-point.ts';
import type { Planner } from '../planner.ts';
import { withDoubleMemory } from '../refresh.ts';
import type { Hosts } from '../slice.ts';
import { type GrowthFactors, isSameWork, placeGrown } from './factors.ts';
import { poolFor, withPool } from './pool.ts';

/** What an alternative can do in a quarter. */
export interface QuarterPoint {
  tableBytes: number;
  /** Absent where the tables do not fit. */
  plan?: ArmPlan;
  /** Why it cannot serve at all, and by how much its tables do not fit if that is why. */
  reason?: string;
  shortage?: Shortage;
  /** Requests per second for each main host within the SLA; absent where it cannot serve. */
  ratePerS?: number;
  hosts: HostsPerRate[];
  /** Simulated for this quarter, or lying between two that were. */
  isMeasured: boolean;
  /** Of the nearest quarter that was measured. */
  capacity?: Capacity;
  /** Hosts of the pool that was measured. */
  pool?: Hosts;
}

/** A straight line in logarithms may miss what is measured between its ends by this much; else both halves are measured. */
const straightEnough = 0.03;

/** Quarters that are measured at most, the ends included. */
const mostMeasured = 4;

/**
 * The operating points of an alternative over the quarters. Tables are placed for each; capacity is measured at the
 * first and the last quarter whose tables fit and between them wherever logarithms are not straight. Quarters in which
 * a request takes the same work share one measurement.
 */
export async function quarterPoints(
  planner: Planner,
  arm: ArmDeployment,
  factors: readonly GrowthFactors[],
  demandPerS: readonly number[],
  file: SourceDocument | undefined,
): Promise<QuarterPoint[]> {
  const set = asReplicaSet(planner.spec.refresh?.mode === 'double-memory' ? withDoubleMemory(arm) : arm);
  const points: QuarterPoint[] = [];
  for (const [index, growth] of factors.entries()) {
    const last = points.at(-1);
    const isLike = last !== undefined && isSameWork(factors[index - 1], growth);
    points.push(isLike ? { ...last } : await placed(set, growth, file));
  }
  const fitting = points.flatMap(({ plan }, quarter) => (plan ? [quarter] : []));
  if (fitting.length > 0) {
    const [first] = fitting;
    const measuring = new Measuring(planner, points, demandPerS[first] / (1 - planner.spec.headroom));
    await measuring.between(first, fitting.at(-1)!);
  }
  return points;
}

async function placed(
  arm: ArmDeployment,
  growth: GrowthFactors,
  file: SourceDocument | undefined,
): Promise<QuarterPoint> {
  try {
    const plan = await placeGrown(arm, growth, file);
    return { tableBytes: modelBytes(plan.arm.model), plan, hosts: [], isMeasured: false };
  } catch (error) {
    if (!(error instanceof CapacityError)) throw error;
    const { shortage, message } = error;
    const [reason] = message.split('\n');
    return { tableBytes: shortage.totalBytes, reason, shortage, hosts: [], isMeasured: false };
  }
}

class Measuring {
  private readonly planner: Planner;
  private readonly points: QuarterPoint[];
  /** By placed arm: quarters that ask the same share an answer. */
  private readonly known = new Map<ArmPlan, Capacity>();
  private readonly leastRatePerS: number;
  private pool: Hosts = new Map();

  /** @param leastRatePerS what the fleet must bear in the first of these quarters */
  constructor(planner: Planner, points: QuarterPoint[], leastRatePerS: number) {
    this.planner = planner;
    this.points = points;
    this.leastRatePerS = leastRatePerS;
  }

  async between(first: number, last: number): Promise<void> {
    await this.choosePool(this.points[first].plan!);
    const from = await this.measure(first);
    const to = await this.measure(last, from);
    await this.refine(first, last, from, to);
  }

  /** One host of each role first: what it bears says how large a pool stands for the fleet. */
  private async choosePool(plan: ArmPlan): Promise<void> {
    const single = await measureCapacity(this.planner, plan);
    this.pool =
      single.ratePerS.mean > 0
        ? poolFor(plan, single, this.leastRatePerS)
        : new Map(groupsOf(plan).map((group) => [group, 1]));
    const isSingle = [...this.pool.values()].every((count) => count === 1);
    if (isSingle) this.known.set(plan, single);
  }

  private async refine(first: number, last: number, from: Capacity, to: Capacity): Promise<void> {
    if (last - first < 2) return;
    const middle = Math.floor((first + last) / 2);
    if (!this.points[middle].plan) return;
    const capacity = await this.measure(middle, from);
    const share = (middle - first) / (last - first);
    const expected = from.ratePerS.mean ** (1 - share) * to.ratePerS.mean ** share;
    const found = capacity.ratePerS.mean;
    const tolerance = Math.max(straightEnough, 2 * this.planner.spec.precision);
    const isStraight = expected > 0 && Math.abs(Math.log(found / expected)) <= tolerance;
    if (isStraight || expected + found === 0 || (this.known.size >= mostMeasured && expected > 0)) {
      this.fill(first, middle);
      this.fill(middle, last);
      return;
    }
    await this.refine(first, middle, from, capacity);
    await this.refine(middle, last, capacity, to);
  }

  private async measure(quarter: number, like?: Capacity): Promise<Capacity> {
    const point = this.points[quarter];
    const plan = point.plan!;
    const guess = like && like.ratePerS.mean > 0 ? like.ratePerS.mean : undefined;
    const capacity = this.known.get(plan) ?? (await this.capacityOf(plan, guess));
    this.known.set(plan, capacity);
    Object.assign(point, this.pointAt(plan, capacity));
    return capacity;
  }

  /** Quarters between two measured ones: straight lines in logarithms, group by group. */
  private fill(first: number, last: number): void {
    const [from, to] = [this.points[first], this.points[last]];
    for (let quarter = first + 1; quarter < last; quarter++) {
      const point = this.points[quarter];
      if (!point.plan) continue;
      const own = this.known.get(point.plan) ?? (from.ratePerS === undefined ? from.capacity : undefined);
      if (own) {
        Object.assign(point, this.pointAt(point.plan, own));
        continue;
      }
      const share = (quarter - first) / (last - first);
      point.ratePerS = from.ratePerS! ** (1 - share) * to.ratePerS! ** share;
      point.hosts = to.hosts.map(({ group, host, perRequestPerS }) => {
        const before = from.hosts.find((one) => one.group === group)?.perRequestPerS ?? perRequestPerS;
        return { group, host, perRequestPerS: before ** (1 - share) * perRequestPerS ** share };
      });
      point.capacity = (share < 0.5 ? from : to).capacity!;
      point.pool = this.pool;
    }
  }

  private capacityOf(plan: ArmPlan, guess: number | undefined): Promise<Capacity> {
    return measureCapacity(this.planner, withPool(plan, this.pool), guess);
  }

  private pointAt(plan: ArmPlan, capacity: Capacity): Partial<QuarterPoint> {
    const ratePerS = capacity.ratePerS.mean;
    if (ratePerS === 0) {
      return { reason: 'even a lone request misses the SLA', isMeasured: true, capacity, hosts: [] };
    }
    return {
      ratePerS: ratePerS / (this.pool.get('main') ?? 1),
      hosts: hostsPerRate(withPool(plan, this.pool).arm, capacity),
      isMeasured: true,
      capacity,
      pool: this.pool,
    };
  }
}
