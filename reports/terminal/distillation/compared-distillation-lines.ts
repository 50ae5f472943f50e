import type { DistilledPair } from '../../../sim/training/comparison/distillation-comparison-result.ts';
import { intervalNote } from '../../distillation/comparison/comparison-in-words.ts';
import { figureTables } from '../../distillation/comparison/figure-tables.ts';
import { type Line, strong } from '../line.ts';
import { paragraph, sections } from '../table.ts';
import { titledLines } from './titled-lines.ts';

/** Two arms side by side: every figure with its difference, and whether that is told from zero. */
export function comparedDistillationLines(pair: DistilledPair, confidence: number, width: number): Line[] {
  const { a, b, meaningless } = pair;
  return [
    [strong('A  '), a.name],
    [strong('B  '), b.name],
    ...(meaningless === undefined
      ? []
      : paragraph(`Gains and freshness cannot be compared. ${meaningless}`, width, 'doubtful')),
    ...paragraph(intervalNote(pair, confidence), width, 'faint'),
    [''],
    ...sections(
      width,
      ...figureTables(pair).map((table) => [table.title, titledLines(table, width)] as const),
    ),
  ];
}
