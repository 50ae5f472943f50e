import { LinearProgram } from '../linear-program.ts';
import { worthwhile } from './dominance.ts';
import { firstDelivery, type GrowthInstance, hostsOfRole, type Role } from './instance.ts';
import { addOption, cleaned, leanShares, solved } from './quarter.ts';

/** A constraint that may be violated at a price, to find by how much it would have to give way. */
export type Slack =
  | { kind: 'owned' | 'stock' | 'perQuarter'; type: number }
  | { kind: 'price' | 'hosts' | 'power' };

/** What is asked of the instance. */
export interface GrowthQuestion {
  /** The cheapest plan, any plan, the one that leaves least demand unserved, or the least violation. */
  goal: 'money' | 'feasible' | 'unserved' | Slack;
  /** Quarters that are planned, both included; all by default. */
  from?: number;
  to?: number;
  /** Whether hosts of a type may be delivered in a quarter, lead times aside. */
  mayDeliver?: (type: number, quarter: number) => boolean;
  /** Share of the demand of each of these quarters that may stay unserved; none by default. */
  mayMiss?: readonly number[];
  /** Hosts of each type before the first of these quarters; those owned by default. */
  inventory?: readonly number[];
}

/** A purchase plan. Lists by quarter start at `from`. */
export interface PurchasePlan {
  from: number;
  /** Hosts in the fleet and hosts delivered, by type and quarter. */
  inventory: number[][];
  delivered: number[][];
  /** By quarter and alternative. */
  shares: number[][];
  /** Share of the demand that nothing serves, by quarter. */
  unserved: number[];
  /** By quarter: USD per hour of the whole fleet. */
  usdPerHour: number[];
  /** Σ of USD per hour over the quarters, and what no plan can be below. */
  objective: number;
  bound: number;
}

/** @returns undefined where no plan satisfies all constraints */
export async function planPurchases(
  instance: GrowthInstance,
  question: GrowthQuestion,
): Promise<PurchasePlan | undefined> {
  const formulation = new Formulation(instance, question);
  const answer = await solved(formulation.program);
  return answer && formulation.decode(answer.values, answer.bound);
}

/**
 * The same purchases with the demand of each quarter on as few hosts, weighted by their price, as can be. What hosts
 * that are paid for anyway do is otherwise left to chance.
 */
export async function withLeanShares(instance: GrowthInstance, plan: PurchasePlan): Promise<PurchasePlan> {
  const shares: number[][] = [];
  for (const [step, current] of plan.shares.entries()) {
    const inventory = plan.inventory.map((list) => list[step]);
    shares.push(await leanShares(instance, plan.from + step, inventory, current));
  }
  return { ...plan, shares };
}

class Formulation {
  readonly program = new LinearProgram();
  private readonly instance: GrowthInstance;
  private readonly question: GrowthQuestion;
  private readonly from: number;
  private readonly to: number;
  private readonly start: readonly number[];
  /** Variables by type, or alternative, and quarter. */
  private readonly inventory: number[][];
  private readonly delivered: (number | undefined)[][];
  private readonly shares: (number | undefined)[][] = [];
  private readonly unserved: number[] = [];
  private readonly slack: number | undefined;

  constructor(instance: GrowthInstance, question: GrowthQuestion) {
    this.instance = instance;
    this.question = question;
    this.from = question.from ?? 0;
    this.to = question.to ?? instance.demandPerS.length - 1;
    this.start = question.inventory ?? instance.types.map(({ owned }) => owned);
    this.slack =
      typeof question.goal === 'object'
        ? this.program.column({ cost: 1, isInteger: this.isCount() })
        : undefined;
    this.inventory = instance.types.map(() => []);
    this.delivered = instance.types.map(() => []);
    for (let quarter = this.from; quarter <= this.to; quarter++) this.addQuarter(quarter);
  }

  decode(values: Float64Array, bound: number): PurchasePlan {
    const { instance, from } = this;
    const whole = (variable: number | undefined) =>
      variable === undefined ? 0 : Math.round(values[variable]);
    const inventory = this.inventory.map((list) => list.map(whole));
    const usdPerHour = this.unserved.map((_, step) =>
      instance.types.reduce((sum, type, index) => sum + inventory[index][step] * type.usdPerHour, 0),
    );
    const objective = usdPerHour.reduce((sum, value) => sum + value, 0);
    return {
      from,
      inventory,
      delivered: this.delivered.map((list) => list.map(whole)),
      shares: this.shares.map((list) =>
        list.map((variable) => (variable === undefined ? 0 : cleaned(values[variable]))),
      ),
      unserved: this.unserved.map((variable) => cleaned(values[variable])),
      usdPerHour,
      objective: this.slack === undefined ? objective : values[this.slack],
      bound: this.question.goal === 'money' ? Math.min(objective, Math.max(0, bound)) : bound,
    };
  }

  private addQuarter(quarter: number): void {
    const { program, instance } = this;
    this.addInventory(quarter);
    const used = instance.types.map((): [number, number][] => []);
    const dynamic: [number, number][] = [];
    const isWorthwhile = worthwhile(instance, quarter);
    const shares = instance.alternatives.map(({ options }, index) => {
      const option = options[quarter];
      if (!option || !isWorthwhile[index]) return undefined;
      const { share } = addOption(program, option, 1, 0, used);
      dynamic.push([share, option.dynamicW]);
      return share;
    });
    this.shares.push(shares);
    const isGoal = this.question.goal === 'unserved';
    const missable = isGoal ? 1 : (this.question.mayMiss?.[quarter - this.from] ?? 0);
    const missed = program.column({ upper: missable, cost: isGoal ? 1 : 0 });
    this.unserved.push(missed);
    const served = shares.flatMap((share): [number, number][] => (share === undefined ? [] : [[share, 1]]));
    program.row({ lower: 1, upper: 1, entries: [...served, [missed, 1]] });
    const step = quarter - this.from;
    used.forEach((terms, type) => {
      program.row({ upper: 0, entries: [...terms, [this.inventory[type][step], -1]] });
    });
    this.addLimits(step, dynamic);
  }

  private addInventory(quarter: number): void {
    const { program, instance, question } = this;
    instance.types.forEach((type, index) => {
      const { usdPerHour, stock, perQuarter } = type;
      const cost = question.goal === 'money' ? usdPerHour : 0;
      const hosts = program.column({ isInteger: true, cost });
      const before = this.inventory[index].at(-1);
      this.inventory[index].push(hosts);
      const mayDeliver = quarter >= firstDelivery(type) && (question.mayDeliver?.(index, quarter) ?? true);
      const delivered = mayDeliver ? program.column({ isInteger: true }) : undefined;
      this.delivered[index].push(delivered);
      const added: [number, number][] = delivered === undefined ? [] : [[delivered, -1]];
      const change = before === undefined ? this.start[index] : 0;
      const extra = before === undefined ? this.slackTerm('owned', index, -1) : [];
      program.row({
        ...(!instance.isReturnable && { lower: change }),
        upper: change,
        entries: [
          [hosts, 1],
          ...added,
          ...extra,
          ...(before === undefined ? [] : [[before, -1] as [number, number]]),
        ],
      });
      // What is there already stays, even beyond the stock.
      if (stock !== undefined) {
        const upper = Math.max(stock, this.start[index]);
        program.row({ upper, entries: [[hosts, 1], ...this.slackTerm('stock', index, -1)] });
      }
      if (perQuarter !== undefined && delivered !== undefined) {
        program.row({
          upper: perQuarter,
          entries: [[delivered, 1], ...this.slackTerm('perQuarter', index, -1)],
        });
      }
    });
  }

  private addLimits(step: number, dynamic: readonly [number, number][]): void {
    const { program, instance } = this;
    const { usdPerHour, hosts, powerW } = instance.limits;
    const fleet = (value: (type: GrowthInstance['types'][number]) => number) =>
      instance.types.map((type, index): [number, number] => [this.inventory[index][step], value(type)]);
    if (usdPerHour !== undefined) {
      program.row({
        upper: usdPerHour,
        entries: [...fleet((type) => type.usdPerHour), ...this.slackTerm('price', undefined, -1)],
      });
    }
    if (hosts !== undefined) {
      program.row({ upper: hosts, entries: [...fleet(() => 1), ...this.slackTerm('hosts', undefined, -1)] });
    }
    if (powerW !== undefined) {
      program.row({
        upper: powerW,
        entries: [...fleet(({ idleW }) => idleW), ...dynamic, ...this.slackTerm('power', undefined, -1)],
      });
    }
  }

  private slackTerm(kind: Slack['kind'], type: number | undefined, value: number): [number, number][] {
    const { goal } = this.question;
    if (this.slack === undefined || typeof goal !== 'object' || goal.kind !== kind) return [];
    return 'type' in goal && goal.type !== type ? [] : [[this.slack, value]];
  }

  private isCount(): boolean {
    const { goal } = this.question;
    return typeof goal === 'object' && goal.kind !== 'price' && goal.kind !== 'power';
  }
}

/** Hosts by role of every alternative at work in a quarter of a plan. */
export function hostsAtWork(
  { alternatives }: GrowthInstance,
  { from, shares }: PurchasePlan,
  quarter: number,
): { alternative: number; share: number; roles: { role: Role; hosts: number }[] }[] {
  return shares[quarter - from].flatMap((share, alternative) => {
    const option = alternatives[alternative].options[quarter];
    if (share === 0 || !option) return [];
    return [
      {
        alternative,
        share,
        roles: option.roles.map((role) => ({ role, hosts: role.times * hostsOfRole(role, share) })),
      },
    ];
  });
}
