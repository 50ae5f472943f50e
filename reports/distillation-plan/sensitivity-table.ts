import { formatPercent } from '../../foundation/units.ts';
import type { KnobSide, PlanSensitivity } from '../../sim/training/plan/choice-result.ts';
import { inPercent, money, signedInPercent } from '../distillation/figures.ts';
import type { TitledTable } from '../text-table.ts';

/** What moves the plan: every knob down and up, fleets sized anew. */
export function sensitivityTable(sensitivity: PlanSensitivity | undefined): TitledTable | undefined {
  if (!sensitivity) return undefined;
  const { alternative, turnedBy, base, knobs } = sensitivity;
  return {
    title:
      `What moves the plan of ${alternative}: every knob ± ${formatPercent(turnedBy)}, limits left aside, widest in money first ` +
      `(as planned: ${base.hosts} hosts, ${money(base.usdPerDay)} USD/day, of which ${money(base.extraUsdPerDay)} above no teacher, gain ` +
      `${inPercent(base.gain)} %; changes against that)`,
    columns: [
      { title: 'knob', align: 'left' },
      { title: 'to', align: 'left' },
      { title: 'hosts' },
      { title: 'USD/day' },
      { title: 'extra' },
      { title: 'power' },
      { title: 'gain, %' },
      { title: '', align: 'left' },
    ],
    rows: knobs.flatMap(({ name, value, down, up }) =>
      [down, up].map((side) => [`${name} (${value})`, side.value, ...changes(side, base)]),
    ),
    shared: 1,
  };
}

function changes(side: KnobSide, base: PlanSensitivity['base']): string[] {
  if (side.infeasible !== undefined) return ['–', '–', '–', '–', '–', side.infeasible];
  const more = side.hosts! - base.hosts;
  return [
    more === 0 ? '0' : signed(`${Math.abs(more)}`, more),
    relative(side.usdPerDay!, base.usdPerDay),
    relative(side.extraUsdPerDay!, base.extraUsdPerDay),
    relative(side.watts!, base.watts),
    signedInPercent(side.gain! - base.gain),
    side.chosen === undefined ? '' : `teacher ${side.chosen}`,
  ];
}

function relative(value: number, base: number): string {
  const change = value / base - 1;
  const text = `${Math.abs(change * 100).toFixed(1)} %`;
  return Number.parseFloat(text) === 0 ? '0' : signed(text, change);
}

function signed(text: string, sign: number): string {
  return `${sign > 0 ? '+' : '−'}${text}`;
}
