import { formatPercent, formatTime, significant } from '../foundation/units.ts';
import type {
  ConstantFit,
  LawComparison,
  QualityFit,
} from '../sim/training/quality/fit/quality-fit-result.ts';
import { type Column, textTable, wrap } from './text-table.ts';

const textWidth = 100;

/** Constants of the quality model by an experiment, for a terminal: before and after, and what they rest on. */
export function qualityFitReport(fit: QualityFit): string {
  const { constants, laws } = fit;
  const blocks = [
    wrap(headline(fit), textWidth),
    textTable(columns, constants.map(rowOf)),
    ...constants.map(restsOn),
    lawsTable(laws),
    pointsTable(laws),
    wrap(lawInWords(fit), textWidth),
    ...rules.map((rule) => wrap(rule, textWidth)),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function headline({ experiment, constants }: QualityFit): string {
  const { name, stream, seeds, studentParameters, teacherParameters, source } = experiment;
  const fitted = constants.filter(({ verdict }) => verdict === 'fitted').length;
  const scale =
    source === 'csv' ? '' : ' It is no ads system, and small: a range says how well it tells of itself.';
  return `Experiment ${name} (${stream}, ${seeds} seeds, a teacher of ${teacherParameters} parameters, students of ${studentParameters}) tells ${fitted} of the ${constants.length} constants of the quality model that it is about.${scale}`;
}

const columns: Column[] = [
  { title: 'constant', align: 'left' },
  { title: 'before' },
  { title: 'range', align: 'left' },
  { title: 'mark', align: 'left' },
  { title: 'fitted' },
  { title: 'range', align: 'left' },
  { title: 'verdict', align: 'left' },
];

function rowOf({ constant, field, before, fitted, verdict }: ConstantFit): string[] {
  const show = (value: number) => shown(constant, value);
  const range = ({ low, high }: { low: number; high: number }) => `${show(low)} … ${show(high)}`;
  return [
    field,
    show(before.value),
    range(before),
    before.evidence,
    fitted ? show(fitted.value) : '',
    fitted ? range(fitted) : '',
    verdict,
  ];
}

function shown(constant: ConstantFit['constant'], value: number): string {
  if (constant === 'freshnessScaleS') return formatTime(value);
  return constant === 'lossOfWeekOverDay' ? formatPercent(value) : significant(value);
}

function restsOn({ field, from, points, residualNe, why }: ConstantFit): string {
  const residual =
    residualNe === undefined ? '' : `, of which ${percentOfNe(residualNe)} is left unexplained`;
  const reason = why === undefined ? '' : ` ${capitalised(why)}.`;
  return wrap(`${field}: from ${from} (${points} figures${residual}).${reason}`, textWidth);
}

function lawsTable(laws: readonly LawComparison[]): string {
  const rows = laws.map(({ law, formula, amplitude, parameters, residualNe, leaveOneOutNe, explained }) => {
    const parameter = (name: string, unit: string) => {
      const found = parameters.find((each) => each.name === name);
      return found ? `${significant(found.value)}${unit}${found.isAtEnd ? '*' : ''}` : '';
    };
    return [
      law,
      formula,
      formatPercent(amplitude),
      parameter('tauDays', ' d'),
      parameter('k', ''),
      percentOfNe(residualNe),
      percentOfNe(leaveOneOutNe),
      significant(explained),
    ];
  });
  const titles = [
    'law of freshness',
    'growth of NE with the gap g',
    'A',
    'τ',
    'k',
    'residual',
    'left out',
    'R²',
  ];
  const isAtEnd = laws.some(({ parameters }) => parameters.some((each) => each.isAtEnd));
  const note = isAtEnd ? '\n* an end of what is searched' : '';
  const lawColumns = titles.map((title, index): Column => ({ title, align: index < 2 ? 'left' : 'right' }));
  return `${textTable(lawColumns, rows)}${note}`;
}

function pointsTable([ours, other]: readonly LawComparison[]): string {
  const titled = ({ law }: LawComparison): Column[] => [
    { title: 'fitted', group: law },
    { title: 'left out', group: law },
  ];
  const table: Column[] = [{ title: 'lag' }, { title: 'measured' }, ...titled(ours), ...titled(other)];
  const percent = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(2)} %`;
  const rows = ours.points.map(({ lagDays, measured }, at) => [
    `${lagDays} d`,
    percent(measured),
    ...[ours, other].flatMap(({ points }) => [percent(points[at].fitted), percent(points[at].leftOut)]),
  ]);
  return `Growth of the teacher's NE against the least lag\n${textTable(table, rows)}`;
}

function lawInWords({ laws, betterLaw }: QualityFit): string {
  const [ours, other] = laws;
  const errors = `${percentOfNe(ours.leaveOneOutNe)} by the ${ours.law} law of the quality model and ${percentOfNe(other.leaveOneOutNe)} by the ${other.law} one`;
  const judged =
    betterLaw === undefined
      ? 'neither is clearly better (by a fifth), so the quality model keeps its law'
      : `the ${betterLaw} law is clearly better on this stream; the quality model has none but its logarithm`;
  return `Each lag left out in turn is missed by ${errors}: ${judged}.`;
}

const rules = [
  'Ranges hold 1000 redrawn experiments at the level of its intervals, over seeds and over days, and the misfit of the model where that is larger. A constant is fitted where what it is divided by surely differs from zero, possible values are no surprise, its range ends inside of what is searched, and leaves out some of what was held before; else it stays as it was.',
  'A published figure of an ads system stays before one that is fitted to another domain, however surely; a stream of your own (csv) is your own domain, and its figures stand first.',
];

function percentOfNe(value: number): string {
  return `${significant(100 * value, 2)} % of NE`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
