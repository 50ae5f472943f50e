/** A host type and when it can be had. Quarters count from 0 here. */
export interface HostType {
  host: string;
  owned: number;
  usdPerHour: number;
  idleW: number;
  leadQuarters: number;
  /** First quarter in which it can be ordered. */
  firstOrder: number;
  /** Most hosts of it in the fleet, those owned included. */
  stock?: number;
  /** Most hosts that are delivered in a quarter. */
  perQuarter?: number;
}

/** Hosts that a role needs at least: slope × (share of the demand) + constant. */
export interface NeedLine {
  slope: number;
  constant: number;
}

/** The hosts of one role of an alternative in a quarter. */
export interface Role {
  group: string;
  /** Index of the host type. */
  type: number;
  /** Each of them holds. */
  lines: readonly NeedLine[];
  /** Hosts as soon as the alternative serves anything. */
  least: number;
  /** Regions that each have as many hosts. */
  times: number;
}

/** An alternative in a quarter in which it can serve. */
export interface ServingOption {
  roles: readonly Role[];
  /** Watts beyond idle hosts when it serves all of the demand. */
  dynamicW: number;
}

/** When to buy what, as plain numbers. */
export interface GrowthInstance {
  /** Requests per second of each quarter. */
  demandPerS: readonly number[];
  types: readonly HostType[];
  alternatives: readonly { name: string; options: readonly (ServingOption | undefined)[] }[];
  /** Whether hosts may be returned at the end of a quarter. */
  isReturnable: boolean;
  limits: { usdPerHour?: number; hosts?: number; powerW?: number };
}

/** Whole hosts of a role, in each region, for a share of the demand above zero. The solver's shares are exact to about 1e-7. */
export function hostsOfRole({ lines, least }: Role, share: number): number {
  return lines.reduce((most, { slope, constant }) => {
    const wanted = slope * share + constant;
    return Math.max(most, Math.ceil(wanted - 1e-6 * Math.max(1, wanted)));
  }, least);
}

/** First quarter in which a host ordered within the plan can be there. */
export function firstDelivery({ firstOrder, leadQuarters }: HostType): number {
  return firstOrder + leadQuarters;
}
