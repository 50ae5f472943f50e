/** Hosts of one role that serve a pair, counted in units: one host of each of its groups in each region. */
export interface MixRole {
  /** Groups of the task graph that are sized alike, such as shards of equal load. */
  groups: string[];
  /** Name of the host type. */
  host: string;
  /** Hosts of a unit: groups times regions. */
  hostsPerUnit: number;
  /** Units of a pair that serves x requests/s: at least perRequestPerS · x + fixed, for each of these. */
  needs: { perRequestPerS: number; fixed: number }[];
  /** Of one host. */
  usdPerHour: number;
  idleW: number;
}

/** A workload on an alternative that can serve it. */
export interface MixPair {
  /** Position among the workloads. */
  workload: number;
  alternative: string;
  roles: MixRole[];
  /** Energy of a request over what idle hosts take (J). */
  joulesPerRequest: number;
}

export interface MixLimits {
  usdPerHour?: number;
  watts?: number;
  hosts?: number;
}

export type MixObjective = 'price' | 'power' | 'hosts';

/** Which pairs serve how much, with how many hosts: the question, as plain numbers. */
export interface MixInstance {
  workloads: { targetPerS: number; maxAlternatives?: number }[];
  pairs: MixPair[];
  /** Hosts to be had by type; types that are not named are unlimited. */
  stock: ReadonlyMap<string, number>;
  limits: MixLimits;
  objective: MixObjective;
}

/** What a pair serves (requests/s), and units of each of its roles; nothing where it is not used. */
export interface MixShare {
  ratePerS: number;
  units: number[];
}

/** One share for each pair, in their order. */
export type MixFleet = MixShare[];

/** Units are whole; a capacity is never known so well that this share of a host would matter. */
const hostTolerance = 1e-6;

export const unused: MixShare = { ratePerS: 0, units: [] };

/** Fewest units of each role with which a pair serves a rate above zero (requests/s). */
export function unitsFor({ roles }: MixPair, ratePerS: number): number[] {
  return roles.map(({ needs }) =>
    Math.max(
      1,
      ...needs.map(({ perRequestPerS, fixed }) =>
        Math.ceil(perRequestPerS * ratePerS + fixed - hostTolerance),
      ),
    ),
  );
}

/** Most requests per second that a pair serves with given units. */
export function rateOf({ roles }: MixPair, units: readonly number[]): number {
  return Math.min(
    ...roles.flatMap(({ needs }, role) =>
      needs.map(({ perRequestPerS, fixed }) =>
        perRequestPerS > 0
          ? (units[role] + hostTolerance - fixed) / perRequestPerS
          : Number.POSITIVE_INFINITY,
      ),
    ),
  );
}

export function hostsByType(pairs: readonly MixPair[], fleet: MixFleet): Map<string, number> {
  const hosts = new Map<string, number>();
  pairs.forEach(({ roles }, index) => {
    fleet[index].units.forEach((units, role) => {
      const { host, hostsPerUnit } = roles[role];
      hosts.set(host, (hosts.get(host) ?? 0) + units * hostsPerUnit);
    });
  });
  return hosts;
}

/** Money, power at the target, and hosts of a fleet. */
export function totalsOf(pairs: readonly MixPair[], fleet: MixFleet): Required<MixLimits> {
  const totals = { usdPerHour: 0, watts: 0, hosts: 0 };
  pairs.forEach(({ roles, joulesPerRequest }, index) => {
    const { units, ratePerS } = fleet[index];
    totals.watts += joulesPerRequest * ratePerS;
    units.forEach((count, role) => {
      const hosts = count * roles[role].hostsPerUnit;
      totals.usdPerHour += hosts * roles[role].usdPerHour;
      totals.watts += hosts * roles[role].idleW;
      totals.hosts += hosts;
    });
  });
  return totals;
}

/** The figure of the totals that an objective minimises. */
export const figureOf = { price: 'usdPerHour', power: 'watts', hosts: 'hosts' } as const;

export function fleetValue({ pairs, objective }: MixInstance, fleet: MixFleet): number {
  return totalsOf(pairs, fleet)[figureOf[objective]];
}

/** Hosts that a fleet has over the stock, by type; empty where it keeps to it. */
export function shortages(
  { pairs, stock }: Pick<MixInstance, 'pairs' | 'stock'>,
  fleet: MixFleet,
): Map<string, number> {
  const missing = [...hostsByType(pairs, fleet)].map(([host, used]): [string, number] => [
    host,
    used - (stock.get(host) ?? Number.POSITIVE_INFINITY),
  ]);
  return new Map(missing.filter(([, count]) => count > 0));
}

/** Whether a fleet serves every target within the stock and the limits. */
export function isFeasible(instance: MixInstance, fleet: MixFleet): boolean {
  const { workloads, pairs, limits } = instance;
  const totals = totalsOf(pairs, fleet);
  const keepsLimits = (Object.keys(limits) as (keyof MixLimits)[]).every(
    (key) => totals[key] <= (limits[key] ?? Number.POSITIVE_INFINITY) * (1 + 1e-9),
  );
  const serves = workloads.every(({ targetPerS, maxAlternatives = Number.POSITIVE_INFINITY }, workload) => {
    const shares = fleet.filter((_, index) => pairs[index].workload === workload);
    const rate = shares.reduce((sum, { ratePerS }) => sum + ratePerS, 0);
    return (
      rate >= targetPerS * (1 - 1e-9) &&
      shares.filter(({ ratePerS }) => ratePerS > 0).length <= maxAlternatives
    );
  });
  const holds = fleet.every(
    ({ ratePerS, units }, index) => ratePerS === 0 || ratePerS <= rateOf(pairs[index], units) * (1 + 1e-9),
  );
  return keepsLimits && serves && holds && shortages(instance, fleet).size === 0;
}
