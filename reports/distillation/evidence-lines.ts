import { evidenceLevels } from '../../foundation/evidence.ts';
import { formatPercent } from '../../foundation/units.ts';
import type { DistillationArmResult, DistillationResult } from '../../sim/training/distillation-result.ts';
import { assumedText } from './swings.ts';

type Shares = DistillationArmResult['evidence']['figures'];

/** What the first arm rests on: the time of its teacher's step, all busy device time, and the inputs. */
export function evidenceInWords({ arms: [first] }: DistillationResult): string {
  const { figures, teacherStep, deviceHours } = first.evidence;
  const inputs = evidenceLevels.flatMap((level) => (figures[level] ? [`${figures[level]} ${level}`] : []));
  return [
    ...(teacherStep ? [`Teacher’s step: ${sharesInWords(teacherStep)}.`] : []),
    ...(deviceHours ? [`Busy device time: ${sharesInWords(deviceHours)}.`] : []),
    `Inputs: ${inputs.join(', ')}.`,
  ].join(' ');
}

/** `80.0 % fitted, 20.0 % assumed`, strongest first. */
export function sharesInWords(shares: Shares): string {
  return evidenceLevels
    .flatMap((level) => (shares[level] ? [`${formatPercent(shares[level])} ${level}`] : []))
    .join(', ');
}

/** Every default that a person could have stated; constants of the quality model stand in a table of their own. */
export function defaultsInWords({ assumptions }: Pick<DistillationResult, 'assumptions'>): string {
  const stated = assumptions.filter(({ group }) => group !== 'quality');
  const list = stated.map((one) => `${one.name} ${assumedText(one, one.value)}`);
  return list.length === 0 ? 'Defaults assumed: none.' : `Defaults assumed: ${list.join(', ')}.`;
}
