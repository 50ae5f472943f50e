import { counted } from '../../foundation/counted.ts';
import type { ExperimentResult } from '../../sim/training/experiment-result.ts';
import { armCells, type GainedCell, kinship, tasksOf, titleOf } from './cells.ts';
import { claimsInWords } from './claims-section.ts';
import { rivals } from './controls.ts';
import { daysInWords, listed, percentInText } from './wording.ts';

/** What came of an experiment, the answer first. */
export function experimentInWords(result: ExperimentResult): string[] {
  const rivalling = rivals(result);
  return [
    gainSentence(result),
    claimsInWords(result.claims),
    ...tasksOf(result).flatMap((task) => bestSentence(result, task)),
    ...lossSentence(result),
    ...(rivalling === ''
      ? []
      : [
          `Controls say that a gain need not come from what it is ascribed to: in half of the comparisons or more, ${rivalling}.`,
        ]),
  ];
}

function gainSentence(result: ExperimentResult): string {
  const cells = armCells(result);
  if (cells.length === 0) return 'No student was taught: the experiment has the base arm alone.';
  if (result.protocol.seeds.length === 1)
    return `A single seed makes nothing sure: all of ${counted(cells.length, 'comparison')} with the base are open.`;
  const at = (side: string) => cells.filter(({ gain }) => gain.side === side).length;
  const rest = [
    ...(at('below') > 0 ? [`raises it in ${at('below')}`] : []),
    ...(at('open') > 0 ? [`leaves it open in ${at('open')}`] : []),
  ];
  const above = at('above') === 0 ? 'none' : at('above');
  return `External distillation surely lowers the students’ NE in ${above} of ${counted(cells.length, 'comparison')} with the base${rest.length > 0 ? `, ${listed(rest)}` : ''}.`;
}

/** The arm that gains most in the mean over verticals, and by how much at its best. */
function bestSentence(result: ExperimentResult, task: string): string[] {
  const cells = armCells(result).filter(
    (cell) => cell.task === task && result.gridVerticals.includes(cell.vertical),
  );
  if (cells.length === 0) return [];
  const best = cells.reduce((most, cell) => (cell.gain.mean > most.gain.mean ? cell : most));
  const worst = cells.reduce((least, cell) => (cell.gain.mean < least.gain.mean ? cell : least));
  const isGain = best.gain.mean > 0;
  const places = cells.length === 1 ? '' : `, ${isGain ? 'least' : 'most'} with ${described(result, worst)}`;
  const verb = isGain ? 'most is gained' : 'nothing is gained, and least lost,';
  return [`On ${task}, ${kinship(result, task)}, ${verb} with ${described(result, best)}${places}.`];
}

function described(result: ExperimentResult, { arm, vertical, stalenessDays, gain }: GainedCell): string {
  const age = stalenessDays === undefined ? '' : ` and a teacher ${daysInWords(stalenessDays)} old`;
  const where = result.gridVerticals.length > 1 ? ` in ${vertical}` : '';
  return `${titleOf(result, arm)}${age}${where}: ${percentInText(gain)}`;
}

/** Arms that surely do harm somewhere. */
function lossSentence(result: ExperimentResult): string[] {
  const harmful = armCells(result).filter(({ gain }) => gain.side === 'below');
  const arms = [...new Set(harmful.map(({ arm, task }) => `${titleOf(result, arm)} on ${task}`))];
  return arms.length === 0 ? [] : [`Surely worse than no teacher: ${listed(arms)}.`];
}
