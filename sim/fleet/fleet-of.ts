import { coresOf, type Host } from '../../hardware-profiles/profile.ts';
import type { ArmDeployment, Tier } from '../../scenarios/deployment.ts';
import type { ArmResult, Measured, ShardResult } from '../result.ts';
import { tierGroup } from '../serving/host-groups.ts';
import { tablesOf } from '../sharding/placement.ts';

type Utilisation = Measured['utilisation'];

/**
 * Hosts, memory, money and power of an arm.
 * @param offered requests per second of an open load
 */
export function fleetOf(
  arm: ArmDeployment,
  shards: readonly ShardResult[],
  utilisation: Utilisation,
  offered: number | undefined,
): ArmResult['fleet'] {
  const { main, sparse } = arm;
  const { tier } = arm.preprocessing ?? {};
  const tierHosts = tier?.replicas ?? 0;
  const sparseHosts = shards.reduce((sum, { replicas }) => sum + replicas, 0);
  const pricePerHourUsd = pricePerHour(arm, sparseHosts);
  const shardBytes = shards.reduce((sum, { sizeBytes, replicas }) => sum + sizeBytes * replicas, 0);
  const shardWatts = shards.map(
    ({ replicas }, shard) => replicas * watts(sparse.host, busyShare(sparse, `shard ${shard}`, utilisation)),
  );
  return {
    mainHost: main.host.name,
    mainHosts: main.replicas,
    sparseHost: sparse.host.name,
    sparseHosts,
    ...(tier && { preprocessingHost: tier.host.name, preprocessingHosts: tierHosts }),
    dramBytes:
      main.replicas * main.host.dramBytes.value +
      sparseHosts * sparse.host.dramBytes.value +
      tierHosts * (tier?.host.dramBytes.value ?? 0),
    tableBytes: shards.length > 0 ? shardBytes : mainTableBytes(arm),
    pricePerHourUsd,
    ...(offered !== undefined && { usdPerMillionRequests: (pricePerHourUsd / 3600 / offered) * 1e6 }),
    ...(utilisation.length > 0 && {
      powerW:
        main.replicas * watts(main.host, busyShare(main, 'main', utilisation, arm.accelerated?.used)) +
        shardWatts.reduce((sum, value) => sum + value, 0) +
        (tier ? tierHosts * watts(tier.host, busyShare(tier, tierGroup, utilisation)) : 0),
    }),
  };
}

/** Price of all hosts of an arm (USD/h). */
export function pricePerHour({ main, sparse, preprocessing }: ArmDeployment, sparseHosts: number): number {
  const { tier } = preprocessing ?? {};
  return (
    main.replicas * main.host.pricePerHourUsd.value +
    sparseHosts * sparse.host.pricePerHourUsd.value +
    (tier ? tier.replicas * tier.host.pricePerHourUsd.value : 0)
  );
}

/** Idle watts, and the rest in proportion to how busy the host is. */
function watts({ powerIdleW, powerBusyW }: Host, share: number): number {
  return powerIdleW.value + share * (powerBusyW.value - powerIdleW.value);
}

/** How busy a host's processors are: its cores and its accelerators, weighted by the power of each. */
export function busyShare(
  { host, workers }: Tier,
  group: string,
  utilisation: Utilisation,
  acceleratorsUsed = 0,
): number {
  const use = (resource: string) => {
    const found = utilisation.find((entry) => entry.group === group && entry.resource === resource);
    return Math.min(1, found?.offered?.mean ?? found?.mean.mean ?? 0);
  };
  const coreShare = (use('cores') * workers) / coresOf(host);
  const { accelerators } = host;
  if (!accelerators) return coreShare;
  const cpuW = host.sockets.value * host.cpu.powerW.value;
  const acceleratorW = accelerators.count.value * accelerators.device.powerW.value;
  const acceleratorShare = (use('accelerators') * acceleratorsUsed) / accelerators.count.value;
  return (cpuW * coreShare + acceleratorW * acceleratorShare) / (cpuW + acceleratorW);
}

/** Tables of all main hosts, in host memory and in that of accelerators which hold them whole. */
function mainTableBytes({ model, main, accelerated, serving }: ArmDeployment): number {
  const modelBytes = tablesOf(model).reduce((sum, { table }) => sum + table.sizeBytes, 0);
  const tables = accelerated?.tables ?? 'host';
  const isOnAccelerators = tables === 'replicated' || tables === 'sharded';
  const inHosts = !isOnAccelerators || serving.offload_threshold !== undefined ? 1 : 0;
  const copies = tables === 'replicated' ? accelerated!.used : tables === 'sharded' ? 1 : 0;
  return modelBytes * main.replicas * (inHosts + copies);
}
