import {
  formatBytes,
  formatPercent,
  formatTime,
  hostsInWords,
  significant,
} from '../../../foundation/units.ts';
import type { PlanSpec } from '../../../scenarios/plan-schema.ts';
import { formatRemedy } from '../../sharding/capacity-error.ts';
import type { GrowingAlternative } from './build.ts';
import type { GrowthRelaxation } from './growth-result.ts';
import type { GrowthInstance, HostType } from './instance.ts';
import { planPurchases, type Slack } from './model.ts';

/** What relaxations start from. */
export interface Infeasible {
  instance: GrowthInstance;
  /** Share of the demand of each quarter that the nearest plan leaves unserved. */
  unserved: readonly number[];
  spec: PlanSpec;
  limitS: number;
  alternatives: readonly GrowingAlternative[];
  /** The same with another headroom, or with a share of the demand. */
  rebuilt(change: { headroom?: number; demandShare?: number }): GrowthInstance;
}

/** Of a growth that cannot be served: the least change of each constraint, alone, with which it can. */
export async function growthRelaxations(asked: Infeasible): Promise<GrowthRelaxation[]> {
  const { instance } = asked;
  const quarters = [...instance.demandPerS.keys()];
  const isServed = (quarter: number) => instance.alternatives.some(({ options }) => options[quarter]);
  const dead = quarters.filter((quarter) => !isServed(quarter));
  const ofModel = dead.length > 0 ? modelRelaxations(asked, dead[0]) : [];
  if (quarters.every((quarter) => asked.unserved[quarter] === 0 || dead.includes(quarter))) return ofModel;
  // Purchases cannot help quarters that no alternative can serve: they are left out of the question.
  const mayMiss = quarters.map((quarter) => (dead.includes(quarter) ? 1 : 0));
  return [
    ...ofModel,
    ...(await sooner(instance, mayMiss)),
    ...(await slacks(instance, mayMiss)),
    ...(await headroom(asked, mayMiss)),
    ...(await lessDemand(asked, mayMiss)),
  ];
}

/** No alternative can serve a quarter, whatever is bought: more shards, larger hosts, or a later answer. */
function modelRelaxations({ alternatives, limitS }: Infeasible, dead: number): GrowthRelaxation[] {
  return alternatives.flatMap(({ arm, points }): GrowthRelaxation[] => {
    const last = points.at(-1)!;
    const { shortage, capacity } = last.shortage ? last : points[dead];
    if (shortage) {
      return shortage.remedies.slice(0, 1).map((remedy) => ({
        constraint: `arm '${arm.name}'`,
        from: `${formatBytes(shortage.totalBytes)} of tables, ${shortage.shards} × ${formatBytes(shortage.capacityBytesPerShard)}`,
        to: formatRemedy(remedy, shortage),
        effect: 'its tables fit to the end of the plan',
      }));
    }
    if (!capacity || capacity.ratePerS.mean > 0) return [];
    return [
      {
        constraint: 'sla.latency',
        from: formatTime(limitS),
        to: `above ${formatTime(capacity.unloadedS)}`,
        effect: `lone requests on '${arm.name}' meet it in Q${dead + 1}`,
      },
    ];
  });
}

/** Each host type delivered earlier, by a shorter lead time or because it can be ordered earlier. */
async function sooner(instance: GrowthInstance, mayMiss: readonly number[]): Promise<GrowthRelaxation[]> {
  const found: GrowthRelaxation[] = [];
  for (const [index, { host, leadQuarters, firstOrder }] of instance.types.entries()) {
    const withType = (change: Partial<HostType>): GrowthInstance => ({
      ...instance,
      types: instance.types.map((type, at) => (at === index ? { ...type, ...change } : type)),
    });
    for (let lead = leadQuarters - 1; lead >= 0; lead--) {
      if (!(await isFeasible(withType({ leadQuarters: lead }), mayMiss))) continue;
      const [from, to] = [quarters(leadQuarters), quarters(lead)];
      found.push({ constraint: `lead time of ${host}`, from, to, effect: everyQuarter });
      break;
    }
    for (let first = firstOrder - 1; first >= 0; first--) {
      if (!(await isFeasible(withType({ firstOrder: first }), mayMiss))) continue;
      const [from, to] = [`Q${firstOrder + 1}`, `Q${first + 1}`];
      found.push({ constraint: `first order of ${host}`, from, to, effect: everyQuarter });
      break;
    }
  }
  return found;
}

const everyQuarter = 'hosts suffice in every quarter';

/** More hosts in place, a larger stock, higher limits: as little as suffices. */
async function slacks(instance: GrowthInstance, mayMiss: readonly number[]): Promise<GrowthRelaxation[]> {
  const found: GrowthRelaxation[] = [];
  const attempt = async (
    slack: Slack,
    constraint: string,
    from: number,
    write: (value: number) => string,
  ) => {
    const plan = await planPurchases(instance, { goal: slack, mayMiss });
    if (!plan || plan.objective < 1e-6) return;
    found.push({ constraint, from: write(from), to: write(from + plan.objective), effect: everyQuarter });
  };
  const hosts = (value: number) => hostsInWords(Math.ceil(value - 1e-6));
  for (const [type, { host, owned, stock, perQuarter }] of instance.types.entries()) {
    await attempt({ kind: 'owned', type }, `${host} in place`, owned, hosts);
    if (stock !== undefined) {
      await attempt({ kind: 'stock', type }, `stock of ${host}`, Math.max(stock, owned), hosts);
    }
    if (perQuarter !== undefined) {
      await attempt({ kind: 'perQuarter', type }, `deliveries of ${host} in a quarter`, perQuarter, hosts);
    }
  }
  const { usdPerHour, powerW, hosts: most } = instance.limits;
  if (usdPerHour !== undefined) {
    await attempt({ kind: 'price' }, 'plan.limits.price', usdPerHour, (value) => `${rounded(value)} USD/h`);
  }
  if (powerW !== undefined) {
    await attempt({ kind: 'power' }, 'plan.limits.power', powerW, (value) => `${rounded(value / 1000)} kW`);
  }
  if (most !== undefined) await attempt({ kind: 'hosts' }, 'plan.limits.hosts', most, hosts);
  return found;
}

/** The largest whole percentage of headroom with which all quarters can be served. */
async function headroom(
  { spec, rebuilt }: Infeasible,
  mayMiss: readonly number[],
): Promise<GrowthRelaxation[]> {
  const percent = Math.floor(spec.headroom * 100);
  const least = await largest(percent, (value) => isFeasible(rebuilt({ headroom: value / 100 }), mayMiss));
  if (least === undefined) return [];
  return [
    {
      constraint: 'plan.headroom',
      from: formatPercent(spec.headroom),
      to: `${least} %`,
      effect: everyQuarter,
    },
  ];
}

/** The largest share of the demand, in whole percent, that can be served in every quarter. */
async function lessDemand(
  { instance, rebuilt }: Infeasible,
  mayMiss: readonly number[],
): Promise<GrowthRelaxation[]> {
  const share = await largest(100, (value) =>
    value === 0 ? Promise.resolve(true) : isFeasible(rebuilt({ demandShare: value / 100 }), mayMiss),
  );
  if (!share) return [];
  const last = instance.demandPerS.at(-1)!;
  return [
    {
      constraint: 'demand of every quarter',
      from: `${significant(last)} QPS in Q${instance.demandPerS.length}`,
      to: `${share} % of it, ${significant((last * share) / 100)} QPS`,
      effect: everyQuarter,
    },
  ];
}

/** The largest whole number below `limit` that is good, where smaller ones are better; undefined where none is. */
async function largest(
  limit: number,
  isGood: (value: number) => Promise<boolean>,
): Promise<number | undefined> {
  if (limit <= 0 || !(await isGood(0))) return undefined;
  let [good, bad] = [0, limit];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (await isGood(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

async function isFeasible(instance: GrowthInstance, mayMiss: readonly number[]): Promise<boolean> {
  return (await planPurchases(instance, { goal: 'feasible', mayMiss })) !== undefined;
}

function quarters(count: number): string {
  return `${count} quarter${count === 1 ? '' : 's'}`;
}

/** Rounded up, so that the value suffices. */
function rounded(value: number): string {
  const step = 10 ** (Math.floor(Math.log10(Math.max(value, 1e-9))) - 2);
  return significant(Math.ceil(value / step - 1e-9) * step);
}
