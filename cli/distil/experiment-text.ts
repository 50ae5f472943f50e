import { type Column, textTable, wrap } from '../../reports/text-table.ts';
import type { ExperimentDifference, ExperimentResult } from '../../sim/training/experiment-result.ts';

const left = (title: string): Column => ({ title, align: 'left' });

/** The result in plain tables: claims, then what every arm gained. */
export function experimentText(result: ExperimentResult): string {
  const { claims, cells, arms, serving, protocol } = result;
  const titles = new Map(arms.map(({ id, title }) => [id, title]));
  const claimRows = claims.map(({ id, statement, verdict }) => [`(${id})`, verdict, statement]);
  const cellRows = cells.map((cell) => [
    cell.vertical,
    cell.task,
    titles.get(cell.arm) ?? cell.arm,
    cell.teacherSize === undefined ? '' : `×${cell.teacherSize}`,
    cell.stalenessDays === undefined ? '' : `${cell.stalenessDays} d`,
    cell.ne.mean.toFixed(4),
    percent(cell.gain),
    cell.calibration.mean.toFixed(3),
    cell.auc.mean.toFixed(4),
  ]);
  const columns = [left('vertical'), left('task'), left('arm'), { title: 'teacher' }, { title: 'stale' }];
  const served = `Exported: ${serving.modelsExported} models of ${serving.parameters} parameters and ${serving.flopsPerExample} FLOP per example; ${serving.predictionsCompared} predictions compared with those of the serving heads and ${serving.withHeadsCompared} with silent heads, all equal to the last bit.`;
  return [
    wrap(result.question, 100),
    textTable([left('claim'), left('verdict'), left('statement')], claimRows),
    `Days from ${protocol.metricsFromDay} on, ${protocol.seeds.length} seeds; gain: relative reduction of NE against base, with its interval over seeds`,
    textTable(
      [...columns, { title: 'NE' }, { title: 'gain' }, { title: 'Σp/Σy' }, { title: 'AUC' }],
      cellRows,
    ),
    wrap(served, 100),
    ...protocol.notes.map((note) => wrap(note, 100)),
    '',
  ].join('\n\n');
}

function percent(difference: ExperimentDifference | undefined): string {
  if (!difference) return '';
  const text = (value: number) => `${value > 0 ? '+' : ''}${(100 * value).toFixed(2)}`;
  const { mean, overSeeds } = difference;
  const interval = overSeeds ? ` [${text(overSeeds.low)}, ${text(overSeeds.high)}]` : '';
  return `${text(mean)} %${interval}`;
}
