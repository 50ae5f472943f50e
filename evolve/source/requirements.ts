import type { Shape } from '../../hardware-profiles/operators-measured.ts';
import { evaluate } from './expression.ts';
import { LaunchError, namesOf } from './launch-plan.ts';

const line = /(?:\/\/|#)\s*@require\s+(.*\S)/;

/**
 * What of a source's `@require EXPRESSION` lines does not hold for all of some shapes, as these lines have it: sizes that
 * must divide each other, or fit. Expressions know what those of launches know: axes, knobs, and what @let names.
 * @throws LaunchError for an expression that makes no sense
 */
export function brokenRequirements(text: string, shapes: readonly Shape[]): string[] {
  const requirements = text.split('\n').flatMap((each) => line.exec(each)?.[1] ?? []);
  if (requirements.length === 0) return [];
  const names = shapes.map((shape) => namesOf(text, shape));
  return requirements.filter((expression) => names.some((each) => isBroken(expression, each)));
}

function isBroken(expression: string, names: Readonly<Record<string, number>>): boolean {
  try {
    return evaluate(expression, names) === 0;
  } catch (error) {
    throw new LaunchError(`@require: ${(error as Error).message}`);
  }
}
