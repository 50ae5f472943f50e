import type { ArmPlan } from '../../serving/plan.ts';
import { groupsOf } from '../fleet-arm.ts';
import type { RateRun } from '../rate-runs.ts';
import { withHosts } from '../tier-of.ts';

/** Main hosts of a pool, where other roles leave room: larger pools hardly queue less. */
const mainHosts = 4;

/** Hosts of a role that such a pool may have, and those that no pool passes. */
const roomyHosts = 64;
const mostHosts = 1024;

/**
 * A small fleet whose capacity stands for that of large ones: of every role as many hosts as keep it no busier than the
 * main ones, so that none waits for another.
 * @param single one host of each role
 * @param usePerRate offered use of its resources at one request per second
 */
export function balancedPool(single: ArmPlan, usePerRate: RateRun['usePerRate']): ArmPlan {
  const useOf = (wanted: string) =>
    Math.max(0, ...usePerRate.filter(({ group }) => group === wanted).map(({ offered }) => offered));
  const perMain = (group: string) => useOf(group) / Math.max(useOf('main'), Number.MIN_VALUE);
  const heaviest = Math.max(...groupsOf(single).map(perMain));
  const main = Math.max(1, Math.min(mainHosts, Math.floor(roomyHosts / heaviest)));
  const hosts = (group: string) =>
    group === 'main' ? main : Math.min(mostHosts, Math.max(1, Math.ceil(main * perMain(group) - 1e-9)));
  return { ...single, arm: withHosts(single.arm, hosts, single.placement.shards.length) };
}
