import type { ShapeTiming } from '../evaluation.ts';
import type { KernelTask } from '../kernel-task.ts';

/** Of the production shapes, or of all where none is one, the one that takes the longest. Held-out ones judge, and advise nobody. */
export function mostImportant(
  all: readonly ShapeTiming[],
  { search }: Pick<KernelTask, 'search'>,
): ShapeTiming {
  const timings = all.filter(({ isHeldOut }) => !isHeldOut);
  const kinds = new Map(search.map(({ shape, kind }) => [JSON.stringify(shape), kind]));
  const production = timings.filter(({ shape }) => kinds.get(JSON.stringify(shape)) === 'production');
  return (production.length > 0 ? production : timings).reduce((longest, timing) =>
    timing.candidateS > longest.candidateS ? timing : longest,
  );
}
