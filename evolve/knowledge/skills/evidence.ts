import { z } from 'zod';
import { integerIn, mapping, numberIn } from '../../../foundation/schema.ts';

const word = z.string().min(1);

/** What a skill rests on, as it stands in its front matter. */
export const evidenceSchema = mapping({
  device: word,
  data_type: word,
  /** Searches that it was distilled from. */
  searches: z.array(word).min(1),
  shapes: z.array(word),
  reference: word,
  /** The fastest kernel that was found: its variant, if it was one that ships, its score, and how its knobs stood. */
  best: mapping({ kernel: word, factor: numberIn({ positive: true }), knobs: z.record(word, z.number()) }),
  /** Pairs of kernels that differ in one knob alone: how much faster the later one was, as a geometric mean. */
  changes: z.array(
    mapping({
      knob: word,
      kind: word,
      from: z.number(),
      to: z.number(),
      factor: numberIn({ positive: true }),
      trials: integerIn({ min: 1 }),
    }),
  ),
  /** Values that made a working kernel fail when one knob was turned to them. */
  failures: z.array(
    mapping({ knob: word, kind: word, value: z.number(), signature: word, trials: integerIn({ min: 1 }) }),
  ),
});

export type Evidence = z.output<typeof evidenceSchema>;
export type Change = Evidence['changes'][number];
export type KnobFailure = Evidence['failures'][number];

/** Evidence of both; the better kernel counts, and pairs are weighted by their number. */
export function merged(older: Evidence, newer: Evidence): Evidence {
  return {
    ...newer,
    searches: [...new Set([...older.searches, ...newer.searches])],
    shapes: [...new Set([...older.shapes, ...newer.shapes])],
    best: older.best.factor > newer.best.factor ? older.best : newer.best,
    changes: together(
      [...older.changes, ...newer.changes],
      ({ knob, from, to }) => `${knob} ${from} ${to}`,
      (a, b) => ({ ...a, factor: meanFactor([a, b]), trials: a.trials + b.trials }),
    ),
    failures: together(
      [...older.failures, ...newer.failures],
      ({ knob, value, signature }) => `${knob} ${value} ${signature}`,
      (a, b) => ({ ...a, trials: a.trials + b.trials }),
    ),
  };
}

/** Geometric mean of factors by their trials. */
export function meanFactor(changes: readonly Pick<Change, 'factor' | 'trials'>[]): number {
  const trials = changes.reduce((sum, change) => sum + change.trials, 0);
  return Math.exp(changes.reduce((sum, { factor, trials }) => sum + Math.log(factor) * trials, 0) / trials);
}

/** Items with one key made one, in the order in which the keys came first. */
export function together<Item>(
  items: readonly Item[],
  key: (item: Item) => string,
  join: (a: Item, b: Item) => Item,
): Item[] {
  const byKey = new Map<string, Item>();
  for (const item of items) {
    const known = byKey.get(key(item));
    byKey.set(key(item), known === undefined ? item : join(known, item));
  }
  return [...byKey.values()];
}
