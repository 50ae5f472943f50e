/**
 * What a request's time is spent on. The first group runs on the main shard, and on a tier that preprocesses in front
 * of it (those of the tier, and of messages between the two, are named after it); the second is the embedded portion, seen from the main shard as one wait and broken down on the bounding shard (Lui et al., section on
 * latency attribution; recollected).
 */
export const components = [
  'dense',
  'rpcSerialisation',
  'rpcService',
  'netOverhead',
  'queue',
  'batching',
  'copy',
  'exchange',
  'preprocessing',
  'tierQueue',
  'tierSerialisation',
  'tierService',
  'tierNetwork',
  'tierOverhead',
  'network',
  'sparse',
  'shardSerialisation',
  'shardService',
  'shardNetOverhead',
  'shardQueue',
] as const;

export type Component = (typeof components)[number];

/** Position of each component. */
export const at = Object.fromEntries(components.map((name, index) => [name, index])) as Record<
  Component,
  number
>;

/** Components that make up the embedded wait. */
export const embedded: readonly Component[] = components.slice(at.network);
