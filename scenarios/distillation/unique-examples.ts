import { InputError } from '../../foundation/problem.ts';
import { written } from '../../foundation/units.ts';
import type { DistillationFields } from './schema.ts';
import { unionOf } from './union.ts';

/**
 * N_u: unique examples per day of all verticals of an arm.
 * @throws InputError where verticals cannot overlap so far, or a union is none of theirs
 */
export function uniqueExamples({
  verticals,
  overlap,
}: Pick<DistillationFields, 'verticals' | 'overlap'>): number {
  const examples = Object.values(verticals).flatMap(({ count, examples_per_day }) =>
    Array.from({ length: count }, () => examples_per_day),
  );
  const largest = Math.max(...examples);
  const sum = examples.reduce((total, each) => total + each, 0);
  if (typeof overlap !== 'number' && overlap.kind === 'shared-part') return unionOf(examples, overlap.part);
  const union = typeof overlap === 'number' ? sum / overlap : overlap.unique_examples_per_day;
  // A union that was computed elsewhere may be off by rounding.
  if (union >= largest * (1 - 1e-9) && union <= sum * (1 + 1e-9))
    return Math.min(Math.max(union, largest), sum);
  throw new InputError(
    typeof overlap === 'number'
      ? `κ of ${overlap} is more than these verticals can overlap: the largest of them alone bounds it by ` +
          `${(sum / largest).toFixed(3)} (kind: shared-part follows their number)`
      : `a union lies between its largest part, ${written(largest)}, and the sum of its parts, ${written(sum)}; got ${written(union)}`,
  );
}
