import { formatTime } from '../../../foundation/units.ts';
import type { ArmDeployment } from '../../../scenarios/deployment.ts';
import { type Knob, type Question, scaleKnob, type UnusedKnob, wholeKnob } from './knobs-knob.ts';
import { mostCandidatesOf } from './knobs-words.ts';

/** How requests are served: batches, and what each costs in service code. */
export function servingKnobs({ plan }: Question): (Knob | UnusedKnob)[] {
  const { arm } = plan;
  const { serving } = arm;
  const withServing = (change: Partial<ArmDeployment['serving']>) => ({
    ...arm,
    serving: { ...serving, ...change },
  });
  const time = (
    id: 'rpc_service' | 'net_overhead',
    name: string,
    components: Knob['acts']['components'],
  ): Knob =>
    scaleKnob({
      id,
      name,
      kind: 'serving',
      now: serving[id],
      words: formatTime,
      set: (factor) => withServing({ [id]: serving[id] * factor }),
      acts: { components: components!, resources: ['main cores', 'shard cores'] },
    });
  return [
    batchKnob(arm, withServing),
    ...dynamicKnobs(arm, withServing),
    offloadKnob(arm, withServing),
    time('rpc_service', 'service code per RPC', ['rpcService', 'shardService']),
    time('net_overhead', 'scheduling of a net', ['netOverhead', 'shardNetOverhead']),
  ];
}

type WithServing = (change: Partial<ArmDeployment['serving']>) => ArmDeployment;

function batchKnob(arm: ArmDeployment, withServing: WithServing): Knob | UnusedKnob {
  const known = { id: 'batch', name: 'batch size', kind: 'serving' as const };
  const { batch_size: size, dynamic_batching, offload_threshold } = arm.serving;
  if (size === 'whole-request') return { ...known, unused: 'each request is one batch' };
  if (dynamic_batching && offload_threshold === undefined) {
    return { ...known, unused: 'dynamic batching takes its place' };
  }
  return wholeKnob({
    ...known,
    now: size,
    unit: 'candidates',
    range: [1, 1_000_000],
    set: (value) => withServing({ batch_size: value }),
    changes: 'caches',
    acts: {
      cutsBothWays: true,
      unnoticed: () =>
        mostCandidatesOf(arm) <= size * 0.5 ? 'every request is smaller than a batch' : undefined,
    },
  });
}

function dynamicKnobs(arm: ArmDeployment, withServing: WithServing): (Knob | UnusedKnob)[] {
  const batching = arm.serving.dynamic_batching;
  const size = { id: 'max_candidates', name: 'candidates of a dynamic batch', kind: 'serving' as const };
  const wait = { id: 'max_wait', name: 'wait of a dynamic batch', kind: 'serving' as const };
  if (!batching) {
    const unused = 'no dynamic batching';
    return [
      { ...size, unused },
      { ...wait, unused },
    ];
  }
  return [
    wholeKnob({
      ...size,
      now: batching.max_candidates,
      unit: 'candidates',
      range: [1, 100_000_000],
      set: (value) => withServing({ dynamic_batching: { ...batching, max_candidates: value } }),
      acts: { cutsBothWays: true, components: ['batching'], hiddenBy: 'batches are seldom full' },
    }),
    scaleKnob({
      ...wait,
      now: batching.max_wait,
      words: formatTime,
      set: (factor) =>
        withServing({ dynamic_batching: { ...batching, max_wait: batching.max_wait * factor } }),
      acts: { cutsBothWays: true, components: ['batching'], hiddenBy: 'a free slot starts a batch at once' },
    }),
  ];
}

function offloadKnob(arm: ArmDeployment, withServing: WithServing): Knob | UnusedKnob {
  const known = { id: 'offload', name: 'threshold to accelerators', kind: 'serving' as const };
  const { offload_threshold: now } = arm.serving;
  if (now === undefined) return { ...known, unused: 'no request stays on cores because it is small' };
  return wholeKnob({
    ...known,
    now,
    unit: 'candidates',
    range: [1, 100_000_000],
    set: (value) => withServing({ offload_threshold: value }),
    acts: { cutsBothWays: true, hiddenBy: 'no request has so many candidates that it goes elsewhere' },
  });
}
