import * as fc from 'fast-check';
import type { Subject } from '../../reports/subject.ts';
import { text } from './random-text.ts';

/** Fields whose texts people choose, or sentences about them; the same text stays the same everywhere. */
const free = new Set([
  'name',
  'question',
  'reason',
  'alternative',
  'workload',
  'best',
  'baseline',
  'host',
  'mainHost',
  'sparseHost',
  'device',
  'group',
  'resource',
  'arm',
  'where',
  'field',
  'path',
  'value',
  'source',
  'state text',
  'effect',
  'constraint',
  'from',
  'to',
  'busiest',
  'policy',
  'a',
  'b',
]);

/** Groups of figures are not names. */
const figureGroups = new Set(['latency', 'compute', 'fleet']);

export interface Mutation {
  words: readonly string[];
  factors: readonly number[];
}

/** An answer of the same shape with other names and other sizes. */
export function mutated(subject: Subject, { words, factors }: Mutation): Subject {
  const renamed = new Map<string, string>();
  let numbers = 0;
  const visit = (value: unknown, key: string): unknown => {
    if (typeof value === 'number') return value * factors[numbers++ % factors.length];
    if (typeof value === 'string') {
      if (!free.has(key) || figureGroups.has(value)) return value;
      const known = renamed.get(value) ?? `${words[renamed.size % words.length]}${renamed.size}`;
      renamed.set(value, known);
      return known;
    }
    if (Array.isArray(value)) return value.map((one) => visit(one, key));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, visit(one, name)]));
  };
  return visit(subject, '') as Subject;
}

export const mutation = fc.record({
  words: fc.array(text, { minLength: 1, maxLength: 12 }),
  factors: fc.array(fc.constantFrom(0, 1e-12, 1e-3, 1, 1, 1, 7, 1e3, 1e12), { minLength: 1, maxLength: 40 }),
});
