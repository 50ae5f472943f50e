import type { Shape } from '../../hardware-profiles/operators-measured.ts';
import { evaluate } from './expression.ts';
import { knobsOf } from './knobs.ts';
import { settingsOf } from './skeleton.ts';

const line = /(?:\/\/|#)\s*@require\s+(.*\S)/;

/**
 * What of a source's `@require EXPRESSION` lines does not hold for all of some shapes, as these lines have it: sizes that
 * must divide each other, or fit. Expressions know the knobs and the axes of the shape.
 * @throws Error for an expression that makes no sense
 */
export function brokenRequirements(text: string, shapes: readonly Shape[]): string[] {
  const requirements = text.split('\n').flatMap((each) => line.exec(each)?.[1] ?? []);
  if (requirements.length === 0) return [];
  const settings = settingsOf(knobsOf(text));
  return requirements.filter((expression) =>
    shapes.some((shape) => evaluate(expression, { ...shape, ...settings }) === 0),
  );
}
