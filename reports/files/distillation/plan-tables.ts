import {
  dataTable,
  flagColumn,
  intervalColumns,
  numberColumn,
  textColumn,
  wholeColumn,
} from '../../../foundation/data-table.ts';
import type {
  DistillationAlternative,
  DistillationPlan,
  TeacherPlan,
} from '../../../sim/training/plan/distillation-plan-result.ts';
import type { Makers } from '../makers.ts';
import { estimateColumns } from './columns.ts';

/** Tables of a plan of an external distillation, the usual one first. */
export const distillationPlanTables: Makers<DistillationPlan> = {
  alternatives: ({ alternatives, best }) =>
    dataTable(alternatives, [
      textColumn('alternative', ({ name }) => name),
      textColumn('state', ({ state }) => state),
      flagColumn('is_best', ({ name }) => name === best),
      textColumn('reasons', ({ reasons }) => reasons.join('; ')),
      numberColumn('teacher_size', ({ plan }) => plan?.teacher.size),
      numberColumn('teacher_forward_flop', ({ plan }) => plan?.teacher.forwardFlop),
      numberColumn('train_share', ({ plan }) => plan?.teacher.trainShare),
      numberColumn('label_share', ({ plan }) => plan?.teacher.labelShare),
      numberColumn('snapshot_every_s', ({ plan }) => plan?.teacher.snapshotEveryS),
      wholeColumn('hosts', ({ plan }) => plan?.hosts),
      numberColumn('usd_per_day', ({ plan }) => plan?.money.total),
      numberColumn('extra_usd_per_day', ({ plan }) => plan?.money.extra),
      numberColumn('power_w', ({ plan }) => plan?.watts),
      estimateColumns('gain', '', ({ plan }) => plan?.gain),
    ]),
  fleets: ({ alternatives }) =>
    dataTable(
      ofPlans(alternatives, ({ fleets }) => fleets),
      [
        ofAlternative(),
        textColumn('role', ({ role }) => role),
        textColumn('verticals', ({ verticals }) => verticals.join(', ')),
        textColumn('host', ({ host }) => host),
        wholeColumn('needed', ({ needed }) => needed),
        wholeColumn('spares', ({ spares }) => spares),
        wholeColumn('hosts', ({ hosts }) => hosts),
        wholeColumn('label_servers', ({ servers }) => servers && servers.needed + servers.spares),
        textColumn('limited_by', ({ limitedBy }) => limitedBy),
        numberColumn('capacity_per_s', ({ capacityPerS }) => capacityPerS),
        numberColumn('peak_per_s', ({ peakPerS }) => peakPerS),
        numberColumn('mean_per_s', ({ meanPerS }) => meanPerS),
        numberColumn('peak_use', ({ peakUse }) => peakUse),
        numberColumn('use', ({ use }) => use),
        numberColumn('usd_per_day', ({ usdPerDay }) => usdPerDay),
        numberColumn('power_w', ({ watts }) => watts),
      ],
    ),
  proof: ({ alternatives }) =>
    dataTable(
      ofPlans(alternatives, ({ proof }) => proof),
      [
        ofAlternative(),
        textColumn('state', ({ state }) => state),
        wholeColumn('label_servers', ({ servers }) => servers),
        flagColumn('should_hold', ({ shouldHold }) => shouldHold),
        flagColumn('holds', ({ holds }) => holds),
        intervalColumns('miss_share', '', ({ missShare }) => missShare),
        numberColumn('worst_miss_share', ({ worstMissShare }) => worstMissShare),
        intervalColumns('use', '', ({ use }) => use),
        intervalColumns('peak_use', '', ({ peakUse }) => peakUse),
        intervalColumns('training_peak_use', '', ({ trainingPeakUse }) => trainingPeakUse),
        intervalColumns('example_gap_p50', '_s', ({ exampleGapS }) => exampleGapS?.p50),
        textColumn('verdict', ({ verdict }) => verdict),
      ],
    ),
  verticals: ({ alternatives }) =>
    dataTable(
      ofPlans(alternatives, ({ verticals }) => verticals),
      [
        ofAlternative(),
        textColumn('vertical', ({ name }) => name),
        wholeColumn('count', ({ count }) => count),
        wholeColumn('runs', ({ runs }) => runs),
        numberColumn('own_usd_per_day', ({ ownUsdPerDay }) => ownUsdPerDay),
        numberColumn('teacher_usd_per_day_equal', ({ teacherUsdPerDay }) => teacherUsdPerDay.equal),
        numberColumn(
          'teacher_usd_per_day_by_examples',
          ({ teacherUsdPerDay }) => teacherUsdPerDay.byExamples,
        ),
        estimateColumns('gain', '', ({ gain }) => gain),
        textColumn('significance', ({ significance }) => significance),
      ],
    ),
  systems: ({ alternatives }) =>
    dataTable(
      ofPlans(alternatives, ({ systems }) => systems),
      [
        ofAlternative(),
        textColumn('system', ({ system }) => system),
        estimateColumns('gain', '', ({ meanGain }) => meanGain),
        numberColumn('usd_per_day', ({ cost }) => cost.usdPerDay),
        numberColumn('extra_usd_per_day', ({ extraUsdPerDay }) => extraUsdPerDay),
        estimateColumns('usd_per_day_per_step', '', ({ usdPerDayPerStep }) => usdPerDayPerStep),
        numberColumn('power_w', ({ cost }) => cost.watts),
      ],
    ),
  frontier: ({ alternatives }) =>
    dataTable(
      ofAlternatives(alternatives, ({ choice }) => choice?.frontier ?? []),
      [
        ofAlternative(),
        numberColumn('size', ({ size }) => size),
        numberColumn('forward_flop', ({ forwardFlop }) => forwardFlop),
        numberColumn('train_share', ({ trainShare }) => trainShare),
        numberColumn('label_share', ({ labelShare }) => labelShare),
        wholeColumn('teacher_hosts', ({ hosts }) => hosts),
        numberColumn('extra_usd_per_day', ({ extraUsdPerDay }) => extraUsdPerDay),
        numberColumn('gain', ({ gain }) => gain),
      ],
    ),
  snapshots: ({ alternatives }) =>
    dataTable(
      ofAlternatives(
        alternatives,
        ({ snapshots }) =>
          snapshots?.intervals.map((one) => ({ ...one, isChosen: one.everyS === snapshots.chosenS })) ?? [],
      ),
      [
        ofAlternative(),
        numberColumn('every_s', ({ everyS }) => everyS),
        flagColumn('is_chosen', ({ isChosen }) => isChosen),
        intervalColumns('example_gap_p50', '_s', ({ exampleGapP50S }) => exampleGapP50S),
        estimateColumns('gain', '', ({ gain }) => gain),
        estimateColumns('added_gain', '', ({ overCheaper }) => overCheaper?.gain),
        numberColumn('published_bytes_per_day', ({ publishedBytesPerDay }) => publishedBytesPerDay),
        numberColumn('extra_usd_per_day', ({ extraUsdPerDay }) => extraUsdPerDay),
      ],
    ),
  sensitivity: ({ sensitivity }) =>
    dataTable(
      sensitivity?.knobs.flatMap(({ name, down, up }) => [
        { name, side: 'down', ...down },
        { name, side: 'up', ...up },
      ]) ?? [],
      [
        textColumn('knob', ({ name }) => name),
        textColumn('side', ({ side }) => side),
        textColumn('value', ({ value }) => value),
        wholeColumn('hosts', ({ hosts }) => hosts),
        numberColumn('usd_per_day', ({ usdPerDay }) => usdPerDay),
        numberColumn('extra_usd_per_day', ({ extraUsdPerDay }) => extraUsdPerDay),
        numberColumn('power_w', ({ watts }) => watts),
        numberColumn('gain', ({ gain }) => gain),
        textColumn('infeasible', ({ infeasible }) => infeasible),
      ],
    ),
  remedies: ({ remedies }) =>
    dataTable(remedies, [
      textColumn('constraint', ({ constraint }) => constraint),
      textColumn('from', ({ from }) => from),
      textColumn('to', ({ to }) => to),
      textColumn('alternative', ({ alternative }) => alternative),
      textColumn('effect', ({ effect }) => effect),
    ]),
};

type Named<Item> = Item & { alternativeName: string };

function ofAlternative<Item extends { alternativeName: string }>() {
  return textColumn<Item>('alternative', ({ alternativeName }) => alternativeName);
}

function ofPlans<Item extends object>(
  alternatives: readonly DistillationAlternative[],
  items: (plan: TeacherPlan) => readonly Item[],
): Named<Item>[] {
  return ofAlternatives(alternatives, ({ plan }) => (plan ? items(plan) : []));
}

/** What alternatives have, each with the name of its alternative. */
function ofAlternatives<Item extends object>(
  alternatives: readonly DistillationAlternative[],
  items: (alternative: DistillationAlternative) => readonly Item[],
): Named<Item>[] {
  return alternatives.flatMap((one) => items(one).map((item) => ({ ...item, alternativeName: one.name })));
}
