import { counted } from '../../foundation/counted.ts';
import { formatBytes, formatPercent, formatTime, significant } from '../../foundation/units.ts';
import type {
  DistillationAlternative,
  DistillationPlan,
  TeacherPlan,
} from '../../sim/training/plan/distillation-plan-result.ts';
import { systemTitles } from '../distillation/arms.ts';
import { amountOf, gainInWords, money, priceText } from '../distillation/figures.ts';

export function bestOf({ alternatives, best }: DistillationPlan): DistillationAlternative | undefined {
  return alternatives.find(({ name }) => name === best);
}

/** Vertical models of a plan, those alike counted each. */
export function verticalCountOf({ verticals }: Pick<TeacherPlan, 'verticals'>): number {
  return verticals.reduce((sum, { count }) => sum + count, 0);
}

/** The answer in a few sentences: what to build and buy, what it gains and costs, and why not another way. */
export function planInWords(plan: DistillationPlan): string[] {
  const best = bestOf(plan);
  if (!best?.plan) return infeasibleInWords(plan);
  return [
    `${teacherSentence(plan, best)} ${gainSentence(best.plan)}`,
    `${hostsSentence(plan, best.plan)} ${wayToTeach(best.plan)}`,
  ];
}

function teacherSentence(
  { scenario, alternatives }: DistillationPlan,
  { name, plan, choice }: DistillationAlternative,
): string {
  const { teacher, money: cost } = plan!;
  const built = teacher.scaledBy
    ? ` (hidden widths and vectors × ${significant(teacher.scaledBy.width)}, rows of tables × ${significant(teacher.scaledBy.rows)})`
    : '';
  const size =
    teacher.size === 1 ? 'as stated' : `${significant(teacher.size)} times the size that is stated${built}`;
  const areAlike = comeToTheSame(alternatives);
  const among = alternatives.length > 1 && !areAlike ? `, of ${name}` : '';
  const others = areAlike ? ` The ${alternatives.length} alternatives come to the same.` : '';
  const within =
    scenario.budgetUsdPerDay === undefined
      ? ''
      : `: the most gain within ${money(scenario.budgetUsdPerDay)} USD/day` +
        (choice ? ` among ${counted(choice.considered, 'teacher')}` : '');
  return (
    `Build a teacher ${size}${among}: ${amountOf(teacher.forwardFlop)}FLOP forward for each example, ` +
    `${amountOf(teacher.parameters)} parameters, tables of ${formatBytes(teacher.tableBytes)}; train it on ` +
    `${formatPercent(teacher.trainShare)} of the unique examples, label ${formatPercent(teacher.labelShare)}, publish it ` +
    `every ${formatTime(teacher.snapshotEveryS)}. It costs ${money(cost.extra)} USD/day above no teacher${within}.${others}`
  );
}

/** Arms may differ in what a plan sizes itself, such as label servers. */
function comeToTheSame(alternatives: readonly DistillationAlternative[]): boolean {
  const what = ({ plan }: DistillationAlternative) =>
    plan &&
    [plan.hosts, plan.money.total, plan.money.extra, plan.teacher.forwardFlop, plan.gain.value].join();
  const [first, ...others] = alternatives.map(what);
  return others.length > 0 && first !== undefined && others.every((each) => each === first);
}

function gainSentence({ gain, significance, ...plan }: TeacherPlan): string {
  const line = {
    significant: 'all of its range beyond the 0.02 % that counts',
    uncertain: 'its range on both sides of the 0.02 % that counts',
    insignificant: 'less than the 0.02 % that counts',
  }[significance];
  return `NE of ${counted(verticalCountOf(plan), 'vertical model')} gains ${gainInWords(gain)} on the mean, ${line}.`;
}

function hostsSentence(
  { scenario }: DistillationPlan,
  { fleets, hosts, watts, money: cost }: TeacherPlan,
): string {
  const training = fleets.find(({ role }) => role === 'teacher training')!;
  const labelling = fleets.find(({ role }) => role === 'labelling')!;
  const others = fleets.filter(({ role }) => role === 'vertical training');
  const verticals = others.reduce((sum, fleet) => sum + fleet.hosts, 0);
  const { needed, spares, hostsEach } = labelling.servers!;
  const servers = counted(needed + spares, 'label server');
  const ofEach = hostsEach === 1 ? '' : ` of ${hostsEach} hosts${needed + spares === 1 ? '' : ' each'}`;
  const free =
    scenario.headroom > 0
      ? ` with ${formatPercent(scenario.headroom)} of every fleet free at the busiest moment`
      : '';
  const spare = scenario.spares > 0 ? `, N+${scenario.spares}` : '';
  return (
    `Buy ${counted(hosts, 'host')}${free}${spare}: ${training.hosts} to train the teacher, ${servers}${ofEach}, ` +
    `${verticals} to train the vertical models. In all ${money(cost.total)} USD/day and ${significant(watts / 1e3)} kW.`
  );
}

/** Which of the four systems is cheapest for its gain, and by how much. */
function wayToTeach({ systems, cheapestForGain }: TeacherPlan): string {
  if (cheapestForGain === undefined) return 'None of the ways to teach gains anything.';
  const priced = systems
    .filter(({ usdPerDayPerStep }) => usdPerDayPerStep?.value != null)
    .sort((a, b) => a.usdPerDayPerStep!.value! - b.usdPerDayPerStep!.value!)
    .map(({ system, usdPerDayPerStep }) => `${systemTitles[system]} ${priceText(usdPerDayPerStep!.value)}`);
  return `Cheapest for its gain: ${systemTitles[cheapestForGain]} (USD/day for each 0.01 % of NE of one vertical: ${priced.join(', ')}).`;
}

function infeasibleInWords({ alternatives, remedies }: DistillationPlan): string[] {
  const help = remedies.length > 0 ? '' : ' No single change that was tried would do.';
  const [first] = alternatives;
  if (alternatives.length === 1) return [`Infeasible as asked: ${first.state}.${help}`, ...first.reasons];
  return [
    `Infeasible as asked: none of ${alternatives.length} alternatives can be planned.${help}`,
    ...alternatives.flatMap((one) => [`${one.name}: ${one.state}.`, ...one.reasons]),
  ];
}

/** What would make an infeasible plan feasible. */
export function remediesOf({ remedies, alternatives }: DistillationPlan): string[] {
  const isOne = alternatives.length === 1;
  return remedies.map(({ constraint, from, to, alternative, effect }) => {
    const of = isOne ? '' : ` (${alternative})`;
    return `${constraint}${of}: ${to} instead of ${from}: ${effect}`;
  });
}

/** The same as numbered lines under a heading. */
export function remediesInWords(plan: DistillationPlan): string[] {
  const lines = remediesOf(plan).map((remedy, index) => `${index + 1}. ${remedy}`);
  return lines.length === 0 ? [] : [['Remedies, each alone and planned anew:', ...lines].join('\n')];
}

/** What a reader should know beside the answer. */
export function notesOf({ alternatives, notes }: DistillationPlan): string[] {
  const isOne = alternatives.length === 1;
  return [
    ...notes,
    ...alternatives.flatMap(({ name, notes: own }) => own.map((note) => (isOne ? note : `${name}: ${note}`))),
  ];
}
