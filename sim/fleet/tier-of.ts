import type { ArmDeployment, Tier } from '../../scenarios/deployment.ts';
import { replicasOf, tierGroup } from '../serving/host-groups.ts';

/** The tier that a group of the task graph belongs to: main, preprocessing, or shard n. */
export function tierOf({ main, sparse, preprocessing }: ArmDeployment, group: string): Tier {
  if (group === 'main') return main;
  return group === tierGroup ? preprocessing!.tier! : sparse;
}

/** Hosts of a group that the arm states. */
export function replicasIn(arm: ArmDeployment, group: string): number {
  if (group === 'main') return arm.main.replicas;
  if (group === tierGroup) return arm.preprocessing!.tier!.replicas;
  return replicasOf(arm, Number(group.replace('shard ', '')));
}

/**
 * The arm with other numbers of hosts.
 * @param hosts of a group
 * @param shards sparse shards that the arm's placement has, if it is placed; else every shard gets as many as the first
 */
export function withHosts(
  arm: ArmDeployment,
  hosts: (group: string) => number,
  shards?: number,
): ArmDeployment {
  const { main, sparse, preprocessing } = arm;
  const { tier } = preprocessing ?? {};
  const perShard =
    shards === undefined || shards === 0
      ? hosts('shard 0')
      : Array.from({ length: shards }, (_, shard) => hosts(`shard ${shard}`));
  return {
    ...arm,
    main: { ...main, replicas: hosts('main') },
    sparse: { ...sparse, replicas: perShard },
    ...(tier && { preprocessing: { ...preprocessing!, tier: { ...tier, replicas: hosts(tierGroup) } } }),
  };
}
