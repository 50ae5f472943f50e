import type { ComparedFigure, Interval } from '../../sim/compare/comparison-result.ts';
import type { FigurePair } from './compared-lines.ts';
import type { Tools } from './tools.ts';

/** One figure of an item, and how it is read. */
export interface FigureOf<Value> extends Pick<ComparedFigure, 'key' | 'title' | 'unit' | 'group'> {
  of(value: Value): Interval | number | undefined;
  /** Grows with the length of a run where requests pile up. */
  needsSteadyState?: boolean;
}

export interface Compared<Value> {
  name: string;
  value: Value;
  /** Why figures that need a steady state say nothing. */
  unsteady?: string | undefined;
}

/** Two items that keep no replications: their intervals are taken as independent. */
export function independentPair<Value>(
  figures: readonly FigureOf<Value>[],
  a: Compared<Value>,
  b: Compared<Value>,
  tools: Pick<Tools, 'differences'>,
): FigurePair {
  const reasons = [a, b].flatMap(({ name, unsteady }) =>
    unsteady === undefined ? [] : [`${name}: ${unsteady}`],
  );
  return {
    a: { name: a.name },
    b: { name: b.name },
    paired: false,
    ...(reasons.length > 0 && { meaningless: reasons.join('; ') }),
    figures: figures.flatMap((figure) => compared(figure, a.value, b.value, reasons.length > 0, tools)),
  };
}

function compared<Value>(
  { key, title, unit, group, of, needsSteadyState }: FigureOf<Value>,
  a: Value,
  b: Value,
  isUnsteady: boolean,
  tools: Pick<Tools, 'differences'>,
): ComparedFigure[] {
  const [ofA, ofB] = [of(a), of(b)];
  const sides = {
    ...(ofA !== undefined && { a: estimate(ofA) }),
    ...(ofB !== undefined && { b: estimate(ofB) }),
  };
  if (!sides.a && !sides.b) return [];
  const shown = { key, title, unit, group, ...sides, sampled: typeof (ofA ?? ofB) !== 'number' };
  if (!sides.a || !sides.b || (needsSteadyState && isUnsteady)) return [shown];
  return [{ ...shown, ...tools.differences(sides.a, sides.b) }];
}

/** A number is exact: its interval has no width. */
function estimate(value: Interval | number): Interval {
  return typeof value === 'number' ? { mean: value, low: value, high: value } : value;
}
