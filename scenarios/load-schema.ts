import { z } from 'zod';
import { integerIn, mapping, numberIn, quantity } from '../foundation/schema.ts';

// Slower requests would come so far apart that the clock loses the digits of a latency.
const rate = quantity('rate', { min: 1e-3 });
const time = quantity('time');
const positiveTime = quantity('time', { positive: true });

/** Most changes of state between two requests: each costs time and none is seen. */
const maxChanges = 10_000;

const kinds = <Kind extends string>(kind: Kind) => z.literal(kind);

/** How requests arrive. `serial` waits for each answer before it sends the next request. */
export const arrivalsSchema = z
  .discriminatedUnion('kind', [
    mapping({ kind: kinds('serial'), gap: time.prefault(0) }),
    mapping({ kind: kinds('poisson'), rate }),
    mapping({ kind: kinds('gamma'), rate, coefficient_of_variation: numberIn({ positive: true, max: 100 }) }),
    mapping({ kind: kinds('deterministic'), rate }),
    mapping({
      kind: kinds('mmpp'),
      states: z
        .array(mapping({ rate: quantity('rate'), mean_duration: positiveTime }))
        .min(2, 'a modulated process needs at least two states')
        .max(100)
        .refine(
          (states) => states.some((state) => state.rate > 0),
          'at least one state needs a rate above zero',
        )
        .refine((states) => {
          const requests = states.reduce((sum, state) => sum + state.rate * state.mean_duration, 0);
          return requests === 0 || states.length / requests <= maxChanges;
        }, `the states last too short for their rates: more than ${maxChanges} changes between two requests`),
    }),
    mapping({
      kind: kinds('diurnal'),
      mean_rate: rate,
      peak_to_mean: numberIn({ min: 1, max: 2 }),
      period: quantity('time', { min: 1 }).prefault('24 h'),
      start: time.prefault(0),
    }),
    mapping({
      kind: kinds('closed'),
      clients: integerIn({ min: 1, max: 100_000 }),
      think_time: time.prefault(0),
    }),
    mapping({
      kind: kinds('trace'),
      file: z.string().min(1),
      rate: rate.optional(),
      rate_scale: numberIn({ min: 1e-6, max: 1e6 }).optional(),
    }).refine(({ rate: wanted, rate_scale }) => wanted === undefined || rate_scale === undefined, {
      path: ['rate_scale'],
      error: 'state rate or rate_scale, not both',
    }),
  ])
  .describe('how requests arrive');

const count = integerIn({ min: 1, max: 1_000_000 });

/** How many candidates a request asks to score. */
export const candidatesSchema = z
  .discriminatedUnion('kind', [
    mapping({ kind: kinds('fixed'), value: count }),
    mapping({
      kind: kinds('lognormal'),
      median: numberIn({ min: 1, max: 1e6 }),
      sigma: numberIn({ min: 0, max: 5 }),
      max: count.prefault(4000),
    }),
    mapping({
      kind: kinds('normal'),
      mean: numberIn({ min: 1, max: 1e6 }),
      standard_deviation: numberIn({ min: 0, max: 1e6 }),
      max: count.prefault(4000),
    }),
    mapping({
      kind: kinds('pareto'),
      min: count,
      shape: numberIn({ positive: true, max: 100 }),
      max: count.prefault(4000),
    }),
    mapping({ kind: kinds('uniform'), min: count, max: count }).refine(({ min, max }) => min <= max, {
      path: ['max'],
      error: 'must be at least min',
    }),
    mapping({
      kind: kinds('choices'),
      values: z.array(count).min(1, 'list at least one value').max(10_000),
      weights: z.array(numberIn({ min: 0 })).optional(),
    }).refine(({ values, weights }) => isWeighting(weights, values.length), {
      path: ['weights'],
      error: 'give one weight for each value, not all zero',
    }),
  ])
  .describe('candidates (user-item pairs) of a request');

function isWeighting(weights: number[] | undefined, values: number): boolean {
  return weights === undefined || (weights.length === values && weights.some((weight) => weight > 0));
}

/** The requests that a scenario sends. */
export const loadSchema = mapping({
  arrivals: arrivalsSchema.prefault({ kind: 'serial' }),
  candidates: candidatesSchema.prefault({ kind: 'lognormal', median: 200, sigma: 1 }),
  requests: integerIn({ min: 1, max: 100_000_000 })
    .optional()
    .describe('requests of each replication, warm-up included; default: 1000, or all of a trace'),
  warm_up: quantity('percent', { max: 0.9 })
    .optional()
    .describe('share of the requests left out at the start; default: 0 % for serial replay, else 10 %'),
});

export type ArrivalsSpec = z.output<typeof arrivalsSchema>;
export type CandidatesSpec = z.output<typeof candidatesSchema>;

/** A load whose number of requests is settled. */
export type LoadSpec = z.output<typeof loadSchema> & { requests: number };

/** Requests of a replication that does not say how many, and has no trace. */
export const defaultRequests = 1000;
