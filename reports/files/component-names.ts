import type { Component, Part } from '../../sim/trace/trace-result.ts';
import { timestamp } from './trace-events.ts';

/** What a request's time is spent on, in words. */
export const componentNames: Record<Component, string> = {
  dense: 'dense',
  rpcSerialisation: 'RPC serialisation',
  rpcService: 'RPC service',
  netOverhead: 'net overhead',
  queue: 'queue',
  batching: 'batching',
  copy: 'copies',
  exchange: 'exchange',
  preprocessing: 'preprocessing',
  tierQueue: 'tier queue',
  tierSerialisation: 'tier serialisation',
  tierService: 'tier service',
  tierNetwork: 'tier network',
  tierOverhead: 'tier overhead',
  network: 'network',
  sparse: 'sparse operators',
  shardSerialisation: 'shard serialisation',
  shardService: 'shard service',
  shardNetOverhead: 'shard net overhead',
  shardQueue: 'shard queue',
};

/** Microseconds by component, parts of the same one added up. */
export function microsecondsByComponent(parts: readonly Part[]): Record<string, number> {
  const seconds = new Map<string, number>();
  for (const part of parts) {
    const name = componentNames[part.component];
    seconds.set(name, (seconds.get(name) ?? 0) + part.seconds);
  }
  return Object.fromEntries([...seconds].map(([name, value]) => [name, timestamp(value)]));
}

/** The component that most of the time is spent on. */
export function mainComponent(parts: readonly Part[]): string {
  const main = parts.reduce((most, part) => (part.seconds > most.seconds ? part : most));
  return componentNames[main.component];
}
