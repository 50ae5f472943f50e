import type { Measured } from '../sim/result.ts';

export type ComponentTimes = Measured['breakdownS']['typical'];
export type ComponentName = keyof ComponentTimes;

/** What a request's time is spent on, in words, in the order of a stack. */
export const componentTitles: Record<ComponentName, string> = {
  dense: 'dense operators',
  rpcSerialisation: 'RPC serialisation, main',
  rpcService: 'RPC service, main',
  netOverhead: 'net overhead, main',
  queue: 'queue, main',
  batching: 'batching',
  copy: 'copies over the host link',
  exchange: 'exchange of accelerators',
  preprocessing: 'preprocessing',
  tierQueue: 'queue, tier in front',
  tierSerialisation: 'RPC serialisation, tier in front',
  tierService: 'RPC service, tier in front',
  tierNetwork: 'network, tier in front',
  tierOverhead: 'overhead, tier in front',
  network: 'network',
  sparse: 'sparse operators',
  shardSerialisation: 'RPC serialisation, shard',
  shardService: 'RPC service, shard',
  shardNetOverhead: 'net overhead, shard',
  shardQueue: 'core queue, shard',
};
