import type { AcceleratedServing, ArmDeployment, Tier } from '../../scenarios/deployment.ts';
import { gatherBandwidth } from '../cost/gather-bandwidth.ts';
import type { HostGroup, Pool } from '../engine/task-graph.ts';

/** Pools and links of a host by position; streams exist where accelerators serve. */
export const cores = 0;
export const streams = 1;
export const nicOut = 0;
export const nicIn = 1;

/** Pools of a unit of accelerators: its processors, and its links from and to the host. */
export const processors = 0;
export const linkIn = 1;
export const linkOut = 2;

/** Accelerators that serve one batch together: one, or all of a host where tables are sharded over them. */
export function acceleratorsPerBatch({ tables, used }: AcceleratedServing): number {
  return tables === 'sharded' ? used : 1;
}

/** Units of one main host that serve a batch each. */
function unitsOf(accelerated: AcceleratedServing): number {
  return accelerated.used / acceleratorsPerBatch(accelerated);
}

/** Name of the group of hosts that preprocess in front of the main ones. */
export const tierGroup = 'preprocessing';

/**
 * The main host, each shard, the units of accelerators of the main host where they serve, and last the tier in front
 * where there is one.
 */
export function hostGroups(arm: ArmDeployment, shards: number): HostGroup[] {
  const groups = mainAndShards(arm, shards);
  const { tier } = arm.preprocessing ?? {};
  return tier ? [...groups, hostGroup(tierGroup, tier, tier.replicas, false)] : groups;
}

function mainAndShards(arm: ArmDeployment, shards: number): HostGroup[] {
  const { main, sparse, accelerated } = arm;
  const groups = [
    hostGroup('main', main, main.replicas, shards === 0),
    ...Array.from({ length: shards }, (_, shard) =>
      hostGroup(`shard ${shard}`, sparse, replicasOf(arm, shard), true),
    ),
  ];
  if (!accelerated) return groups;
  const units = unitsOf(accelerated);
  groups[0].pools.push({ name: 'streams', servers: accelerated.streams * units });
  groups.push({
    name: 'main',
    replicas: main.replicas * units,
    perEntryHost: units,
    policy: 'least-outstanding',
    pools: ['accelerators', 'host link in', 'host link out'].map((name) => ({ name, servers: 1 })),
    links: [],
  });
  return groups;
}

/** Replicas of one shard. */
export function replicasOf({ sparse }: ArmDeployment, shard: number): number {
  return Array.isArray(sparse.replicas) ? sparse.replicas[shard] : sparse.replicas;
}

function hostGroup(
  name: string,
  { host, workers, policy, speed }: Tier,
  replicas: number,
  gathers: boolean,
): HostGroup {
  const pools: Pool[] = [{ name: 'cores', servers: workers }];
  if (gathers) {
    const { coreBytesPerS, socketBytesPerS } = gatherBandwidth(host.cpu);
    const faster = speed?.memory ?? 1;
    pools[0].shared = {
      unitsPerS: host.sockets.value * socketBytesPerS * faster,
      unitsPerServerPerS: coreBytesPerS * faster,
    };
  }
  const bytesPerS = host.nicBytesPerS.value;
  const links = [
    { name: 'NIC out', bytesPerS },
    { name: 'NIC in', bytesPerS },
  ];
  return { name, replicas, policy, pools, links };
}
