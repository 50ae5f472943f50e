import type { DistillationPlan } from '../../../sim/training/plan/distillation-plan-result.ts';
import { money } from '../../distillation/figures.ts';
import { notesOf, planInWords, remediesOf } from '../../distillation-plan/plan-in-words.ts';
import { distillationPlanTables } from '../../distillation-plan/plan-report.ts';
import type { Line } from '../line.ts';
import { short } from '../short-numbers.ts';
import type { Status } from '../status.ts';
import { never, type SubjectView, type Tab } from '../subject-view.ts';
import { paragraph, sections } from '../table.ts';
import { titledLines } from './titled-lines.ts';

/** A plan of an external distillation: its alternatives, each with what to buy. */
export function distillationPlanView(plan: DistillationPlan): SubjectView {
  const { alternatives, scenario, best } = plan;
  const ofTables = (...ids: readonly string[]): Tab => ({
    missing: (index) =>
      tablesOf(plan, index, ids).length === 0
        ? `${alternatives[index].state}: nothing of it was planned`
        : undefined,
    lines: ({ index, width }) => sections(width, ...linesOf(plan, index, ids, width)),
  });
  return {
    title: `plan ${scenario.name}`,
    goal:
      scenario.budgetUsdPerDay === undefined
        ? 'least money above no teacher'
        : `most gain in NE within ${money(scenario.budgetUsdPerDay)} USD/day`,
    what: 'alternative',
    size: alternatives.length,
    start: Math.max(
      0,
      alternatives.findIndex(({ name }) => name === best),
    ),
    baseline: 0,
    hasLongNames: false,
    figureTitles: ['gain %', 'extra $/d', 'hosts'],
    key: (index) => alternatives[index].name,
    item: (index) => {
      const { name, plan: planned } = alternatives[index];
      return {
        name,
        status: statusOf(plan, index),
        figures: [
          short(planned && planned.gain.value * 100),
          short(planned?.money.extra),
          short(planned?.hosts),
        ],
      };
    },
    searchText: (index) => `${alternatives[index].name} ${alternatives[index].state}`.toLowerCase(),
    sorts: [
      { title: 'gain', of: (index) => alternatives[index].plan?.gain.value },
      { title: 'cost', of: (index) => alternatives[index].plan?.money.extra },
      { title: 'name', of: (index) => alternatives[index].name },
    ],
    tabs: {
      overview: {
        missing: () => undefined,
        lines: ({ index, width }) => overviewLines(plan, index, width),
      },
      latency: ofTables('proof', 'snapshots'),
      breakdown: ofTables('systems', 'break-even', 'verticals'),
      shards: never('a plan keeps no steps: rankfleet simulate shows them'),
      fleet: ofTables('fleets', 'money', 'bytes'),
      evidence: never('rankfleet report of this plan, with --html, lists what it rests on'),
      compare: ofTables('alternatives', 'choice', 'sensitivity'),
    },
  };
}

/** The tables of one alternative, as if it were the best; what is of the whole plan stays. */
function tablesOf(plan: DistillationPlan, index: number, ids: readonly string[]) {
  const { name } = plan.alternatives[index];
  const { sensitivity: _, ...others } = plan;
  const shown = name === plan.best ? plan : { ...others, best: name };
  return distillationPlanTables(shown).filter(({ id }) => ids.includes(id));
}

function linesOf(plan: DistillationPlan, index: number, ids: readonly string[], width: number) {
  return tablesOf(plan, index, ids).map(
    ({ table, note }) =>
      [
        table.title,
        [...titledLines(table, width), ...(note === undefined ? [] : paragraph(note, width, 'faint'))],
      ] as const,
  );
}

function overviewLines(plan: DistillationPlan, index: number, width: number): Line[] {
  const one = plan.alternatives[index];
  const own = { ...plan, best: one.name, alternatives: [one] };
  const sentences =
    one.plan && one.state === 'PLANNED' ? planInWords(own) : [`${one.state}.`, ...one.reasons];
  const remedies = remediesOf(plan).map((remedy, at) => `${at + 1}. ${remedy}`);
  return [
    ...sentences.flatMap((text) => [...paragraph(text, width), [''] as Line]),
    ...remedies.flatMap((text) => paragraph(text, width)),
    ...notesOf(own).flatMap((text) => paragraph(`Note: ${text}.`, width, 'faint')),
  ];
}

function statusOf({ alternatives, best }: DistillationPlan, index: number): Status {
  const { name, state } = alternatives[index];
  if (name === best) return { sign: '✓', word: 'BEST', tone: 'good' };
  return state === 'PLANNED'
    ? { sign: '·', word: state, tone: 'faint' }
    : { sign: '✗', word: state, tone: 'bad' };
}
