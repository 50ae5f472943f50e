import { formatTime, significant } from '../../../foundation/units.ts';
import type { Network } from '../../../hardware-profiles/profile.ts';
import { type Acts, type Knob, type Question, scaleKnob, times, type UnusedKnob } from './knobs-knob.ts';

/** The network, and the CPU that its messages cost. */
export function networkKnobs({ plan }: Question): (Knob | UnusedKnob)[] {
  const { arm } = plan;
  const { network } = arm;
  const knob = (
    id: string,
    name: string,
    now: number,
    words: (value: number) => string,
    change: (factor: number) => Partial<Network>,
    acts: Acts,
  ): Knob | UnusedKnob => {
    const known = { id, name, kind: 'network' as const };
    if (plan.placement.shards.length === 0 && !arm.preprocessing?.tier)
      return { ...known, unused: 'no sparse shards, so no RPCs' };
    return scaleKnob({
      ...known,
      now,
      words,
      set: (factor) => ({ ...arm, network: { ...network, ...change(factor) } }),
      acts,
    });
  };
  const { minimumS, medianS, p99S } = network.roundTrip;
  const onCores: Acts = {
    components: ['rpcSerialisation', 'shardSerialisation', 'tierSerialisation'],
    resources: ['main cores', 'shard cores', 'preprocessing cores'],
  };
  return [
    knob(
      'round-trip',
      'network round trip',
      medianS.value,
      (value) => `median ${formatTime(value)}`,
      (factor) => ({
        roundTrip: {
          minimumS: times(minimumS, factor),
          medianS: times(medianS, factor),
          p99S: times(p99S, factor),
        },
      }),
      { components: ['network', 'tierNetwork'] },
    ),
    knob(
      'message-cpu',
      'CPU per message',
      network.perMessageCpuS.value,
      formatTime,
      (factor) => ({ perMessageCpuS: times(network.perMessageCpuS, factor) }),
      onCores,
    ),
    knob(
      'byte-cpu',
      'CPU per byte of message',
      network.perByteCpuSPerByte.value,
      (value) => `${significant(value * 1e9)} ns/B`,
      (factor) => ({ perByteCpuSPerByte: times(network.perByteCpuSPerByte, factor) }),
      onCores,
    ),
  ];
}

/** What a tier in front adds to a request beside its work. */
export function tierOverheadKnob({ plan: { arm } }: Question): Knob | UnusedKnob {
  const known = { id: 'tier-overhead', name: 'overhead of a tier in front', kind: 'network' as const };
  const { overhead } = arm.preprocessing ?? {};
  if (!overhead) return { ...known, unused: 'no hosts preprocess in front of the main ones' };
  const { fromS, toS } = overhead;
  return scaleKnob({
    ...known,
    now: toS,
    words: (value) => `to ${formatTime(value)}`,
    set: (factor) => ({
      ...arm,
      preprocessing: {
        ...arm.preprocessing!,
        overhead: { ...overhead, fromS: fromS * factor, toS: toS * factor },
      },
    }),
    acts: { components: ['tierOverhead'] },
  });
}
