import type { PlanSpec } from '../../../scenarios/plan-schema.ts';
import type { ArmPlan } from '../../serving/plan.ts';
import { racksOf } from '../redundancy.ts';
import { loadSeconds } from '../refresh.ts';
import type { NeedLine, Role } from './instance.ts';

/** What failures and refreshes ask of an alternative in a quarter. */
export interface Redundancy {
  /** Racks that its hosts fill. */
  racks: number;
  /** Share of the time in which a host of each group loads its tables instead of serving. */
  loading: ReadonlyMap<string, number>;
}

/**
 * @param slopes hosts of each group for the whole demand
 */
export function redundancyOf(
  { hosts_per_rack, refresh }: PlanSpec,
  plan: ArmPlan,
  slopes: ReadonlyMap<string, number>,
): Redundancy {
  const hosts = [...slopes.values()].reduce((sum, slope) => sum + Math.max(1, slope), 0);
  const isRolling = refresh !== undefined && refresh.mode !== 'double-memory';
  const loadS = isRolling ? loadSeconds(plan, refresh) : new Map<string, number>();
  return {
    racks: racksOf(hosts, hosts_per_rack),
    loading: new Map([...loadS].map(([group, seconds]) => [group, seconds / refresh!.every])),
  };
}

/**
 * What a role needs for a share of the demand: the demand with its headroom, the spares beside; and the demand
 * without headroom while a failure domain is down. A lost rack takes its part of every role. Of several regions, each with
 * the same hosts, those that are left bear all of the load. Hosts that load a new snapshot do not serve. Where whole
 * hosts of a part are lost, one host more than the exact rule may come out.
 * @param slope hosts that the whole demand needs, a fraction
 * @returns undefined where loading takes longer than the time between two snapshots
 */
export function roleNeeds(
  spec: PlanSpec,
  { racks, loading }: Redundancy,
  group: string,
  slope: number,
): Pick<Role, 'lines' | 'least' | 'times'> | undefined {
  const { headroom, spares, survive, regions } = spec;
  const times = survive === 'region' ? regions : 1;
  const normal = { slope: slope / (1 - headroom) / times, constant: 0 };
  const lost: Record<PlanSpec['survive'], NeedLine | undefined> = {
    nothing: undefined,
    host: { slope, constant: 1 },
    rack: { slope: (slope * racks) / (racks - 1), constant: 1 },
    region: { slope: slope / (regions - 1), constant: 0 },
  };
  const share = loading.get(group) ?? 0;
  if (share >= 1) return undefined;
  // A share of the hosts, rounded up, is loading at any time.
  const inService = ({ slope: hosts, constant }: NeedLine): NeedLine =>
    share === 0
      ? { slope: hosts, constant: constant + spares }
      : { slope: hosts / (1 - share), constant: (constant + 1) / (1 - share) + spares };
  const lines = [normal, lost[survive]].flatMap((line) => (line ? [inService(line)] : []));
  const serving = survive === 'host' || survive === 'rack' ? 2 : 1;
  return { lines, least: serving + (share > 0 ? 1 : 0) + spares, times };
}
