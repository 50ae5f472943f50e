import type { ConstantsFile } from '../../../../scenarios/distillation/constants-file.ts';
import type { ConstantFit, QualityFit } from './quality-fit-result.ts';

/** What replaces other constants in a file of them, for scenarios to name, and why the others are not among them. */
export function constantsDocument({ experiment, constants }: QualityFit): ConstantsFile {
  const { name, key, stream, seeds, studentParameters, teacherParameters, source } = experiment;
  const scale = source === 'csv' ? '' : '; small models, far from the scale of ads';
  const about = `${name}: ${stream}, ${seeds} seeds${scale}`;
  const isFitted = ({ verdict }: ConstantFit) => verdict === 'fitted';
  return {
    version: 1,
    kind: 'quality-constants',
    from: `experiment ${about}; a teacher of ${teacherParameters} and students of ${studentParameters} parameters; key ${key}`,
    constants: Object.fromEntries(
      constants
        .filter(isFitted)
        .map(({ field, fitted, from }) => [
          field,
          { ...fitted!, evidence: 'fitted' as const, source: `${about}: ${from}` },
        ]),
    ),
    kept: Object.fromEntries(
      constants
        .filter((constant) => !isFitted(constant))
        .map((constant) => [constant.field, reasonOf(constant)]),
    ),
  };
}

function reasonOf({ verdict, why, fitted }: ConstantFit): string {
  const told = fitted ? ` (${fitted.value} here, ${fitted.low} to ${fitted.high})` : '';
  return `${verdict}${told}: ${why}`;
}
