import { formatTime, significant } from '../../../foundation/units.ts';
import type { CandidatesSpec } from '../../../scenarios/load-schema.ts';
import { withScaledCandidates } from '../../../scenarios/scale-load.ts';
import { type Knob, type Question, scaleKnob, type UnusedKnob } from './knobs-knob.ts';
import { candidatesInWords } from './knobs-words.ts';

/** What is asked of the fleet: rate, limit, candidates and how they vary, burstiness, lookups. */
export function loadKnobs({ plan, ratePerS, limitS }: Question): (Knob | UnusedKnob)[] {
  const { arm } = plan;
  const perS = (rate: number) => `${significant(rate)} QPS`;
  return [
    {
      id: 'rate',
      name: 'arrival rate',
      kind: 'load',
      value: perS(ratePerS),
      turn: (factor) => ({ value: perS(ratePerS * factor), ratePerS: ratePerS * factor }),
      acts: {},
    },
    {
      id: 'sla',
      name: 'SLA latency',
      kind: 'load',
      value: formatTime(limitS),
      turn: (factor) => ({ value: formatTime(limitS * factor), limitS: limitS * factor }),
      acts: {
        unnoticed: (_, limitedBy) =>
          limitedBy === 'utilisation'
            ? 'the use that the plan allows at most, not latency, limits throughput'
            : undefined,
      },
    },
    {
      id: 'candidates',
      name: 'candidates per request',
      kind: 'load',
      value: candidatesInWords(arm, 1),
      turn: (factor) => {
        const scaled = withScaledCandidates(arm, factor);
        const value = candidatesInWords(scaled, 1);
        const isSame = value === candidatesInWords(arm, 1) && !arm.trace;
        return isSame ? { cannot: `${value} rounds to itself` } : { value, arm: scaled };
      },
      changes: 'caches',
      acts: { hiddenBy: 'operators are bound by launches, not by how many candidates they serve' },
    },
    spreadKnob(plan.arm.load.candidates, plan.arm),
    burstinessKnob(plan.arm),
    scaleKnob({
      id: 'pooling',
      name: 'pooling factor (lookups)',
      kind: 'model',
      now: arm.poolingScale,
      words: (value) => `× ${significant(value)}`,
      set: (factor) => ({ ...arm, poolingScale: arm.poolingScale * factor }),
      acts: {
        components: ['sparse', 'shardSerialisation', 'rpcSerialisation', 'copy'],
        resources: ['shard cores', 'shard NIC'],
        hiddenBy: 'lookups are a small part of the work',
        unnoticed: () => (arm.trace?.lookups ? 'the trace says how many rows are looked up' : undefined),
      },
    }),
  ];
}

function spreadKnob(spec: CandidatesSpec, arm: Question['plan']['arm']): Knob | UnusedKnob {
  const known = { id: 'spread', name: 'spread of candidates', kind: 'load' as const };
  if (arm.trace) return { ...known, unused: 'candidates are recorded ones' };
  const withSpec = (candidates: CandidatesSpec) => ({ ...arm, load: { ...arm.load, candidates } });
  const acts = { cutsBothWays: true as const };
  switch (spec.kind) {
    case 'lognormal':
      return scaleKnob({
        ...known,
        now: spec.sigma,
        words: (value) => `σ ${significant(value)} of the logarithm`,
        set: (factor) => withSpec({ ...spec, sigma: spec.sigma * factor }),
        acts,
      });
    case 'normal':
      return scaleKnob({
        ...known,
        now: spec.standard_deviation,
        words: (value) => `σ ${significant(value)}`,
        set: (factor) => withSpec({ ...spec, standard_deviation: spec.standard_deviation * factor }),
        acts,
      });
    case 'pareto':
      return scaleKnob({
        ...known,
        name: 'shape of candidates (less is wilder)',
        now: spec.shape,
        words: (value) => `shape ${significant(value)}`,
        set: (factor) => withSpec({ ...spec, shape: spec.shape * factor }),
        acts,
      });
    default:
      return { ...known, unused: `candidates are ${spec.kind}, without a spread of their own` };
  }
}

function burstinessKnob(arm: Question['plan']['arm']): Knob | UnusedKnob {
  const known = { id: 'burstiness', name: 'burstiness of arrivals', kind: 'load' as const };
  const { arrivals } = arm.load;
  if (arrivals.kind !== 'gamma') {
    const process = arrivals.kind === 'serial' || arrivals.kind === 'closed' ? 'poisson' : arrivals.kind;
    return { ...known, unused: `arrivals are ${process}, without a coefficient of variation to turn` };
  }
  return scaleKnob({
    ...known,
    now: arrivals.coefficient_of_variation,
    words: (value) => `coefficient of variation ${significant(value)}`,
    set: (factor) => ({
      ...arm,
      load: {
        ...arm.load,
        arrivals: {
          ...arrivals,
          coefficient_of_variation: Math.min(100, arrivals.coefficient_of_variation * factor),
        },
      },
    }),
    acts: { components: ['queue', 'batching', 'shardQueue'] },
  });
}
