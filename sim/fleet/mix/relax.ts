import type { MixInstance } from './instance.ts';
import { type MixGoal, programOf } from './program.ts';
import { hasPairs, searchLimits } from './solve.ts';

/** The least change of each constraint, the others kept, with which there is a mix; absent where none helps. */
export interface MixRelaxations {
  /** Hosts over the stock, by type; fewest in all. */
  extraHosts?: Map<string, number>;
  /** Share of every target that can be served, 0 to 1. */
  fraction?: number;
  leastPrice?: number;
  leastPower?: number;
  leastHosts?: number;
}

/** What would make an infeasible mix possible; nothing where some workload runs nowhere. */
export async function relaxMix(instance: MixInstance): Promise<MixRelaxations> {
  if (!hasPairs(instance)) return {};
  const { limits, stock } = instance;
  const least = (goal: MixGoal, limit: number | undefined) =>
    limit === undefined ? undefined : leastOf(instance, goal);
  const extraHosts = stock.size > 0 ? await fewestExtraHosts(instance) : undefined;
  const fraction = await largestFraction(instance);
  const leastPrice = await least('least-price', limits.usdPerHour);
  const leastPower = await least('least-power', limits.watts);
  const leastHosts = await least('least-hosts', limits.hosts);
  return {
    ...(extraHosts && { extraHosts }),
    ...(fraction !== undefined && { fraction }),
    ...(leastPrice !== undefined && { leastPrice }),
    ...(leastPower !== undefined && { leastPower }),
    ...(leastHosts !== undefined && { leastHosts }),
  };
}

async function fewestExtraHosts(instance: MixInstance): Promise<Map<string, number> | undefined> {
  const { program, extra } = programOf(instance, 'fewest-extra-hosts');
  const { state, values } = await program.minimise(searchLimits);
  if (state !== 'optimal') return undefined;
  const hosts = [...extra].map(([host, column]): [string, number] => [
    host,
    Math.ceil(values[column] - 1e-6),
  ]);
  return new Map(hosts.filter(([, count]) => count > 0));
}

async function largestFraction(instance: MixInstance): Promise<number | undefined> {
  const { program, fraction } = programOf(instance, 'largest-fraction');
  const { state, values } = await program.minimise(searchLimits);
  return state === 'optimal' ? values[fraction!] : undefined;
}

async function leastOf(instance: MixInstance, goal: MixGoal): Promise<number | undefined> {
  const { program } = programOf(instance, goal);
  const { state, value } = await program.minimise(searchLimits);
  return state === 'optimal' ? value : undefined;
}
