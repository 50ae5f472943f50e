import { formatBytes, formatPercent, significant } from '../../foundation/units.ts';
import type { DistillationPlan, TeacherPlan } from '../../sim/training/plan/distillation-plan-result.ts';
import type { PlannedFleet } from '../../sim/training/plan/planned-fleet-result.ts';
import {
  amountOf,
  inPercent,
  money,
  rangeInPercent,
  rangeInWords,
  significanceWords,
} from '../distillation/figures.ts';
import { plusMinus, timeUnit } from '../numbers.ts';
import type { TitledTable } from '../text-table.ts';

/** Alternatives side by side. */
export function alternativesTable({
  alternatives,
  best,
  scenario,
}: DistillationPlan): TitledTable | undefined {
  if (alternatives.length < 2) return undefined;
  const goal =
    scenario.budgetUsdPerDay === undefined ? 'least money above no teacher' : 'most gain within the budget';
  return {
    title: `Alternatives (▸ ${goal}; ✗ infeasible; extra: above no teacher; ${rangeInWords})`,
    columns: [
      { title: 'alternative', align: 'left' },
      { title: 'teacher', align: 'left' },
      { title: 'hosts' },
      { title: 'USD/day' },
      { title: 'extra' },
      { title: 'kW' },
      { title: 'gain, %' },
      { title: 'range' },
    ],
    rows: alternatives.map(({ name, state, plan }) => {
      const mark = name === best ? '▸' : state === 'PLANNED' ? ' ' : '✗';
      if (!plan) return [`${mark} ${name}`, state, ...Array.from({ length: 6 }, () => '–')];
      const { teacher, hosts, money: cost, watts, gain } = plan;
      return [
        `${mark} ${name}`,
        `× ${significant(teacher.size)}, r_t ${formatPercent(teacher.trainShare)}, r_l ${formatPercent(teacher.labelShare)}`,
        `${hosts}`,
        money(cost.total),
        money(cost.extra),
        significant(watts / 1e3),
        inPercent(gain.value),
        rangeInPercent(gain),
      ];
    }),
  };
}

/** What to buy: hosts of every role, and what decides about their number. */
export function fleetTable({ fleets }: TeacherPlan): TitledTable {
  return {
    title:
      'What to buy (examples/s: at the busiest moment of the day, and what the needed hosts bear; ρ: use by the busiest moment and ' +
      'on the mean; the last column: what decides, and what one host less would do)',
    columns: [
      { title: 'role', align: 'left' },
      { title: 'host', align: 'left' },
      { title: 'needed' },
      { title: 'spare' },
      { title: 'peak', group: 'examples/s' },
      { title: 'capacity', group: 'examples/s' },
      { title: 'peak', group: 'ρ' },
      { title: 'mean', group: 'ρ' },
      { title: 'USD/day' },
      { title: 'kW' },
      { title: 'decides', align: 'left' },
    ],
    rows: fleets.map((fleet) => [
      roleOf(fleet),
      fleet.host,
      neededOf(fleet),
      `${fleet.spares}`,
      amountOf(fleet.peakPerS),
      fleet.capacityPerS === undefined ? '–' : amountOf(fleet.capacityPerS),
      fleet.peakUse.toFixed(2),
      fleet.use.toFixed(2),
      money(fleet.usdPerDay),
      significant(fleet.watts / 1e3),
      decidesOf(fleet),
    ]),
  };
}

function roleOf({ role, verticals, copies }: PlannedFleet): string {
  if (role !== 'vertical training') return role;
  const names = verticals.length > 2 ? `${verticals.length} verticals` : verticals.join(', ');
  return copies > 1 ? `${role}: ${copies} runs of ${names}` : `${role}: ${names}`;
}

function neededOf({ needed, servers }: PlannedFleet): string {
  if (!servers || servers.hostsEach === 1) return `${needed}`;
  return `${servers.needed} × ${servers.hostsEach}`;
}

function decidesOf({ limitedBy, oneLess }: PlannedFleet): string {
  if (!oneLess) return limitedBy;
  return oneLess.fits
    ? `${limitedBy}: ${amountOf(oneLess.capacityPerS!)}/s with one less`
    : `${limitedBy}: one less does not hold it`;
}

/** The simulations of the pipeline that prove the label servers. */
export function proofTable({ proof }: TeacherPlan, miss: number): TitledTable {
  const gaps = proof.flatMap(({ exampleGapS }) => (exampleGapS ? [exampleGapS.p50.mean] : []));
  const hours = timeUnit(gaps).name === 's' && Math.max(0, ...gaps) >= 7200;
  const unit = hours ? { name: 'h', perS: 1 / 3600 } : { name: 's', perS: 1 };
  return {
    title:
      'Proof by simulation of the label pipeline (headroom taken: every fleet slower by it; missed: labels of the worst task that come ' +
      `too late, of which ${formatPercent(miss)} may be; worst: of any replication; gap: age of the teacher’s knowledge, of the stalest task)`,
    columns: [
      { title: 'state', align: 'left' },
      { title: 'servers' },
      { title: 'missed, %' },
      { title: 'worst, %' },
      { title: 'mean', group: 'label ρ' },
      { title: 'peak', group: 'label ρ' },
      { title: 'training peak ρ' },
      { title: 'p50', group: `gap, ${unit.name}` },
      { title: 'p90', group: `gap, ${unit.name}` },
      { title: 'holds', align: 'left' },
      { title: 'verdict', align: 'left' },
    ],
    rows: proof.map((one) => [
      one.state,
      `${one.servers}`,
      one.worstMissShare === 0 ? '0' : plusMinus(one.missShare, 100),
      inPercent(one.worstMissShare),
      plusMinus(one.use),
      plusMinus(one.peakUse),
      plusMinus(one.trainingPeakUse),
      one.exampleGapS ? plusMinus(one.exampleGapS.p50, unit.perS) : '–',
      one.exampleGapS ? plusMinus(one.exampleGapS.p90, unit.perS) : '–',
      one.holds ? 'yes' : one.shouldHold ? 'NO' : 'no, so no fewer do',
      one.verdict,
    ]),
  };
}

/** Where the money goes. */
export function moneyTable({ money: cost, systems }: TeacherPlan): TitledTable {
  const rows: [string, number][] = [
    ['hosts that train the teacher', cost.teacherTraining],
    ['hosts that label', cost.labelling],
    ['hosts that train vertical models', cost.verticalTraining],
    ['label records kept', cost.storage],
    ['records and snapshots moved', cost.moved],
    ['in all', cost.total],
    ['without a teacher', cost.noTeacher],
    ['extra: what the budget is for', cost.extra],
  ];
  const shared = systems.find(({ system }) => system === 'shared-teacher');
  const note = shared
    ? `; were devices not bought in whole hosts, extra would be ${money(shared.extraUsdPerDay)}`
    : '';
  return {
    title: `Money (whole hosts held all day${note})`,
    columns: [{ title: '', align: 'left' }, { title: 'USD/day' }],
    rows: rows.map(([name, usd]) => [name, money(usd)]),
  };
}

/** What a vertical model gains, and what it costs with its part of the teacher. */
export function verticalTable({ verticals }: TeacherPlan): TitledTable {
  return {
    title: `Vertical models, each (teacher: its part of what that costs, in equal parts or by examples; counts: against 0.02 %; ${rangeInWords})`,
    columns: [
      { title: 'vertical', align: 'left' },
      { title: 'runs' },
      { title: 'own', group: 'USD/day' },
      { title: 'teacher, equal', group: 'USD/day' },
      { title: 'by examples', group: 'USD/day' },
      { title: 'gain, %' },
      { title: 'range' },
      { title: 'counts', align: 'left' },
    ],
    rows: verticals.map(({ name, count, runs, ownUsdPerDay, teacherUsdPerDay, gain, significance }) => [
      count > 1 ? `${count} × ${name}` : name,
      `${runs}`,
      money(ownUsdPerDay),
      money(teacherUsdPerDay.equal),
      money(teacherUsdPerDay.byExamples),
      inPercent(gain.value),
      rangeInPercent(gain),
      significanceWords[significance],
    ]),
  };
}

/** Bytes kept and moved. */
export function bytesTable({ bytes }: TeacherPlan): TitledTable {
  return {
    title: 'Bytes (records: labels; input: features and labels that training and labelling read)',
    columns: [
      { title: 'kept', group: 'records' },
      { title: 'written/day', group: 'records' },
      { title: 'read/day', group: 'records' },
      { title: 'snapshots published/day' },
      { title: 'input/day' },
    ],
    rows: [
      [bytes.stored, bytes.writtenPerDay, bytes.readPerDay, bytes.publishedPerDay, bytes.inputPerDay].map(
        formatBytes,
      ),
    ],
  };
}
