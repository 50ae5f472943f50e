import {
  type DataColumn,
  type DataTable,
  dataTable,
  flagColumn,
  intervalColumns,
  numberColumn,
  textColumn,
  wholeColumn,
} from '../../foundation/data-table.ts';
import type { ExperimentDifference, ExperimentResult } from '../../sim/training/experiment-result.ts';
import type { Makers } from '../files/makers.ts';
import { isGained, panelsOf, periodMiddles, titleOf } from './cells.ts';
import { comparedWith, controlsOf } from './controls.ts';

/** Tables of data of an experiment, the usual one first. */
export const experimentTables: Makers<ExperimentResult> = {
  cells: cellTable,
  seeds: seedTable,
  claims: claimTable,
  controls: controlTable,
  teachers: teacherTable,
  freshness: freshnessTable,
  transfer: transferTable,
  series: seriesTable,
  stream: streamTable,
  verticals: verticalTable,
};

function origin<Item>({ name, product, key }: ExperimentResult): DataColumn<Item>[] {
  return [
    textColumn('experiment', () => name),
    textColumn('product', () => product),
    textColumn('key', () => key),
  ];
}

/** A difference as a fraction, with each of its intervals. */
function differenceColumns<Item>(
  name: string,
  of: (item: Item) => ExperimentDifference | undefined,
): DataColumn<Item>[] {
  return [
    numberColumn(name, (item) => of(item)?.mean),
    numberColumn(`${name}_seeds_low`, (item) => of(item)?.overSeeds?.low),
    numberColumn(`${name}_seeds_high`, (item) => of(item)?.overSeeds?.high),
    numberColumn(`${name}_days_low`, (item) => of(item)?.overDays?.low),
    numberColumn(`${name}_days_high`, (item) => of(item)?.overDays?.high),
    textColumn(`${name}_side`, (item) => of(item)?.side),
  ];
}

function cellTable(result: ExperimentResult): DataTable {
  const isControl = new Map(result.arms.map((arm) => [arm.id, arm.isControl]));
  return dataTable(result.cells, [
    origin(result),
    textColumn('arm', ({ arm }) => arm),
    textColumn('title', ({ arm }) => titleOf(result, arm)),
    flagColumn('control', ({ arm }) => isControl.get(arm)),
    textColumn('vertical', ({ vertical }) => vertical),
    textColumn('task', ({ task }) => task),
    textColumn('teacher', ({ teacher }) => teacher),
    textColumn('teacher_task', ({ teacherTask }) => teacherTask),
    numberColumn('teacher_size', ({ teacherSize }) => teacherSize),
    numberColumn('staleness_days', ({ stalenessDays }) => stalenessDays),
    intervalColumns('ne', '', ({ ne }) => ne),
    intervalColumns('calibration', '', ({ calibration }) => calibration),
    intervalColumns('auc', '', ({ auc }) => auc),
    differenceColumns('gain', ({ gain }) => gain),
    differenceColumns('auc_gain', ({ aucGain }) => aucGain),
    differenceColumns('calibration_harm', ({ calibrationHarm }) => calibrationHarm),
    numberColumn('without_teacher', ({ withoutTeacher }) => withoutTeacher),
    numberColumn('clipped_labels', ({ clippedLabels }) => clippedLabels),
  ]);
}

function seedTable(result: ExperimentResult): DataTable {
  const rows = result.cells
    .filter(isGained)
    .flatMap((cell) =>
      cell.gain.perSeed.map((gain, index) => ({ cell, gain, seed: result.protocol.seeds[index] })),
    );
  return dataTable(rows, [
    origin(result),
    textColumn('arm', ({ cell }) => cell.arm),
    textColumn('vertical', ({ cell }) => cell.vertical),
    textColumn('task', ({ cell }) => cell.task),
    numberColumn('teacher_size', ({ cell }) => cell.teacherSize),
    numberColumn('staleness_days', ({ cell }) => cell.stalenessDays),
    wholeColumn('seed', ({ seed }) => seed),
    numberColumn('gain', ({ gain }) => gain),
    numberColumn('auc_gain', ({ cell, seed }) => perSeed(result, cell.aucGain, seed)),
    numberColumn('calibration_harm', ({ cell, seed }) => perSeed(result, cell.calibrationHarm, seed)),
  ]);
}

function perSeed(
  { protocol }: ExperimentResult,
  difference: ExperimentDifference | undefined,
  seed: number,
): number | undefined {
  return difference?.perSeed[protocol.seeds.indexOf(seed)];
}

function claimTable(result: ExperimentResult): DataTable {
  const rows = result.claims.flatMap((claim) =>
    claim.parts.flatMap((part, index) =>
      // A part that was not run has no figures, and is told nevertheless.
      (part.cells.length > 0 ? part.cells : [undefined]).map((cell) => ({ claim, part, index, cell })),
    ),
  );
  return dataTable(rows, [
    origin(result),
    textColumn('claim', ({ claim }) => claim.id),
    textColumn('verdict', ({ claim }) => claim.verdict),
    textColumn('statement', ({ claim }) => claim.statement),
    textColumn('rule', ({ claim }) => claim.rule),
    wholeColumn('part', ({ index }) => index + 1),
    textColumn('part_statement', ({ part }) => part.statement),
    textColumn('part_verdict', ({ part }) => part.verdict),
    textColumn('claimed', ({ part }) => part.claimed),
    textColumn('where', ({ cell }) => cell?.where),
    differenceColumns('difference', ({ cell }) => cell?.difference),
  ]);
}

function controlTable(result: ExperimentResult): DataTable {
  const rows = panelsOf(result).flatMap(({ cells }) =>
    controlsOf(result).flatMap((pair) => comparedWith(cells, pair)),
  );
  return dataTable(rows, [
    origin(result),
    textColumn('control', ({ control }) => control.arm),
    textColumn('arm', ({ arm }) => arm.arm),
    textColumn('vertical', ({ arm }) => arm.vertical),
    textColumn('task', ({ arm }) => arm.task),
    numberColumn('staleness_days', ({ arm }) => arm.stalenessDays),
    numberColumn('arm_gain', ({ arm }) => arm.gain.mean),
    numberColumn('control_gain', ({ control }) => control.gain.mean),
    numberColumn('lead', ({ lead }) => lead),
    wholeColumn('seeds_ahead', ({ ahead }) => ahead),
    wholeColumn('seeds', ({ seeds }) => seeds),
  ]);
}

function teacherTable(result: ExperimentResult): DataTable {
  const rows = result.teachers.flatMap((teacher) => [
    { teacher, of: undefined, quality: teacher.union, gain: undefined },
    ...teacher.verticals.map((one) => ({ teacher, of: one.vertical, quality: one, gain: one.gain })),
  ]);
  return dataTable(rows, [
    origin(result),
    numberColumn('size', ({ teacher }) => teacher.size),
    numberColumn('staleness_days', ({ teacher }) => teacher.stalenessDays),
    textColumn('vertical', ({ of }) => of),
    numberColumn('parameters', ({ teacher }) => teacher.model?.parameters),
    numberColumn('flop_per_example', ({ teacher }) => teacher.model?.flopsPerExample),
    intervalColumns('ne', '', ({ quality }) => quality.ne),
    intervalColumns('calibration', '', ({ quality }) => quality.calibration),
    intervalColumns('auc', '', ({ quality }) => quality.auc),
    differenceColumns('gain', ({ gain }) => gain),
    wholeColumn('labelled', ({ teacher }) => teacher.labelled),
    wholeColumn('missing', ({ teacher }) => teacher.missing),
    wholeColumn('gaps', ({ teacher }) => teacher.gaps),
    wholeColumn('snapshots', ({ teacher }) => teacher.snapshots),
    numberColumn('age_least_days', ({ teacher }) => teacher.ageDays?.least),
    numberColumn('age_median_days', ({ teacher }) => teacher.ageDays?.median),
    numberColumn('age_most_days', ({ teacher }) => teacher.ageDays?.most),
  ]);
}

function freshnessTable(result: ExperimentResult): DataTable {
  return dataTable(result.freshness, [
    origin(result),
    numberColumn('lag_days', ({ lagDays }) => lagDays),
    intervalColumns('ne', '', ({ ne }) => ne),
    differenceColumns('worsening', ({ worsening }) => worsening),
  ]);
}

function transferTable(result: ExperimentResult): DataTable | undefined {
  if (result.transfer.length === 0) return undefined;
  return dataTable(result.transfer, [
    origin(result),
    numberColumn('size', ({ size }) => size),
    numberColumn('parameters', ({ parameters }) => parameters),
    numberColumn('flop_per_example', ({ flopsPerExample }) => flopsPerExample),
    textColumn('arm', ({ arm }) => arm),
    textColumn('vertical', ({ vertical }) => vertical),
    textColumn('task', ({ task }) => task),
    numberColumn('staleness_days', ({ stalenessDays }) => stalenessDays),
    differenceColumns('teacher_gain', ({ teacherGain }) => teacherGain),
    differenceColumns('student_gain', ({ studentGain }) => studentGain),
    intervalColumns('transfer_ratio', '', ({ transferRatio }) => transferRatio),
  ]);
}

function seriesTable(result: ExperimentResult): DataTable {
  const rows = result.cells.flatMap((cell) => {
    const middles = periodMiddles(result, cell.series.length);
    return cell.series.map((ne, period) => ({ cell, ne, period, day: middles[period] }));
  });
  return dataTable(rows, [
    origin(result),
    textColumn('arm', ({ cell }) => cell.arm),
    textColumn('vertical', ({ cell }) => cell.vertical),
    textColumn('task', ({ cell }) => cell.task),
    numberColumn('teacher_size', ({ cell }) => cell.teacherSize),
    numberColumn('staleness_days', ({ cell }) => cell.stalenessDays),
    wholeColumn('period', ({ period }) => period),
    numberColumn('middle_day', ({ day }) => day),
    numberColumn('ne', ({ ne }) => ne ?? undefined),
  ]);
}

function streamTable(result: ExperimentResult): DataTable {
  const { source } = result;
  return dataTable(source.tasks, [
    origin(result),
    textColumn('stream', () => source.stream),
    wholeColumn('examples', () => source.examples),
    wholeColumn('days', () => source.days),
    wholeColumn('moved', () => source.moved),
    wholeColumn('in_no_vertical', () => source.inNoVertical),
    numberColumn('overlap', () => source.overlap),
    textColumn('task', ({ task }) => task),
    numberColumn('positive_rate', ({ positiveRate }) => positiveRate),
    wholeColumn('unlabelled', ({ unlabelled }) => unlabelled),
    wholeColumn('before_impression', ({ beforeImpression }) => beforeImpression),
    numberColumn('median_delay_s', ({ medianDelayS }) => medianDelayS),
    numberColumn('best_ne', ({ bestNe }) => bestNe),
  ]);
}

function verticalTable(result: ExperimentResult): DataTable {
  const { source } = result;
  const rows = [
    ...source.verticals.map(({ name, examples }) => ({ name, examples, isKnown: true })),
    ...source.unknownVerticals.map(([name, examples]) => ({ name, examples, isKnown: false })),
  ];
  return dataTable(rows, [
    origin(result),
    textColumn('vertical', ({ name }) => name),
    wholeColumn('examples', ({ examples }) => examples),
    flagColumn('known', ({ isKnown }) => isKnown),
    flagColumn('every_arm', ({ name }) => result.gridVerticals.includes(name)),
  ]);
}
