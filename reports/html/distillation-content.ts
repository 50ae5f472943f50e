import { formatTime } from '../../foundation/units.ts';
import type { DistillationResult } from '../../sim/training/distillation-result.ts';
import { distillationInWords } from '../distillation/answer-in-words.ts';
import { gainTable, moneyTable, replicatedTable } from '../distillation/arm-tables.ts';
import {
  type AnsweredArm,
  answeredArms,
  bestArm,
  cheapestGain,
  feedName,
  sharedOf,
  stalest,
} from '../distillation/arms.ts';
import { askedTable } from '../distillation/asked-table.ts';
import { breakEvenInWords, breakEvenTable } from '../distillation/break-even-table.ts';
import { cautions, doesNotFit } from '../distillation/distillation-report.ts';
import { inPercent, money, priceRange, rangeInPercent } from '../distillation/figures.ts';
import { ageTable, leakNote, pipelineTable, storeTable } from '../distillation/pipeline-tables.ts';
import { fleetTable, headsInWords, stepTable } from '../distillation/step-tables.ts';
import { assumedText, constantTitle, swingsTable } from '../distillation/swings.ts';
import { memoryNote, resourceTable, systemTable } from '../distillation/system-tables.ts';
import { gainPartsTable, gapTable, verticalTable } from '../distillation/vertical-tables.ts';
import type { TitledTable } from '../text-table.ts';
import type { Content, KeyFigure, PageTable, Section } from './content.ts';
import { evidenceTable, inPercent as sharePercent } from './evidence-section.ts';
import { argument } from './shell-argument.ts';
import { stateBadge } from './state-badge.ts';
import { pageTable } from './table-of-items.ts';

/** What a page says of an answer about external distillation. */
export function distillationContent(result: DistillationResult): Content {
  const { scenario, fingerprint, arms, assumptions } = result;
  return {
    kind: 'distillation',
    question: scenario.question || scenario.name,
    answer: distillationInWords(result),
    figures: keyFigures(result),
    sections: [
      {
        id: 'arms',
        title: arms.length === 1 ? 'The arm' : `The ${arms.length} arms`,
        tables: tablesOf(gainTable(result), moneyTable(result), askedTable(result), replicatedTable(result)),
        points: [...doesNotFit(result), ...cautions(result)],
      },
      pipelineSection(result),
      ...answeredArms(result).map((arm, index) => armSection(arm, result, index)),
    ],
    evidence: evidenceSection(result),
    defaults: assumptions
      .filter(({ group }) => group !== 'quality')
      .map((one) => ({ path: one.name, value: assumedText(one, one.value) })),
    fingerprint: [
      ['scenario', scenario.name],
      ['simulated by', fingerprint.product],
      ['seed', String(fingerprint.seed)],
      ['replications', String(scenario.replications)],
      [
        'simulated time',
        `${formatTime(scenario.horizon.measuredS)} after ${formatTime(scenario.horizon.warmUpS)} of warm-up`,
      ],
      ['hash of the input', fingerprint.inputHash],
    ],
    reproduce: {
      commands: [
        `rankfleet simulate ${argument(scenario.name)} --seed ${fingerprint.seed} --replications ${scenario.replications}`,
      ],
      note: `${scenario.name} stands for the file of the scenario, unless it is one of the library.`,
    },
  };
}

function keyFigures(result: DistillationResult): KeyFigure[] {
  const best = bestArm(result);
  if (!best) return [];
  const named = (arm: AnsweredArm) => (result.arms.length > 1 ? `, ${arm.name}` : '');
  const { meanGain, extraUsdPerDay } = sharedOf(best);
  const cheapest = cheapestGain(result);
  const price = cheapest && sharedOf(cheapest).usdPerDayPerStep;
  const oldest = stalest(best);
  return [
    {
      label: 'Gain in NE',
      value: inPercent(meanGain.value),
      unit: '%',
      note: `${rangeInPercent(meanGain)} %${named(best)}`,
    },
    {
      label: 'For the teacher',
      value: money(extraUsdPerDay),
      unit: 'USD/day',
      note: `above no teacher${named(best)}`,
    },
    ...(price && cheapest
      ? [
          {
            label: 'For each 0.01 % of NE',
            value: money(price.value ?? 0),
            unit: 'USD/day',
            note: `${priceRange(price)}${named(cheapest)}`,
          },
        ]
      : []),
    ...(oldest ? [gapFigure(oldest)] : []),
    {
      label: 'Teacher’s arithmetic',
      value: `${best.answer.breakEven.closed.ratio.toPrecision(3)}×`,
      unit: 'co-distillation’s',
      note: `below 1 the shared teacher takes fewer${named(best)}`,
    },
  ];
}

function gapFigure(oldest: NonNullable<ReturnType<typeof stalest>>): KeyFigure {
  const { p50, p99 } = oldest.feed.exampleGapS!;
  const [value, unit] = formatTime(p50.mean).split(' ');
  return {
    label: 'Freshness gap',
    value,
    unit,
    note: `p50; p99 ${formatTime(p99.mean)}, ${feedName(oldest)}`,
  };
}

function pipelineSection(result: DistillationResult): Section {
  return {
    id: 'pipeline',
    title: 'Labels: queues, freshness, store',
    tables: tablesOf(pipelineTable(result), ageTable(result), storeTable(result)),
    points: [leakNote],
  };
}

/** All that is told of one arm. */
function armSection(arm: AnsweredArm, result: DistillationResult, index: number): Section {
  const isAlone = result.arms.length === 1;
  return {
    id: isAlone ? 'details' : `arm-${index + 1}`,
    title: isAlone ? 'Gains, costs and steps' : `Arm ${arm.name}`,
    paragraphs: [`${arm.verdict.state}: ${arm.verdict.reasons.join('; ')}.`, breakEvenInWords(arm)],
    tables: tablesOf(
      systemTable(arm),
      resourceTable(arm),
      gainPartsTable(arm),
      verticalTable(arm),
      gapTable(arm),
      stepTable(arm),
      fleetTable(arm),
      breakEvenTable(arm),
      swingsTable(arm, result),
    ),
    points: [...headsInWords(arm), memoryNote(arm)].filter((text) => text !== ''),
  };
}

function evidenceSection({ arms, assumptions }: DistillationResult): Section {
  const shares = evidenceTable(
    'Share of the teacher’s step and of all busy device time, and number of input figures, by evidence',
    'arm',
    arms.map(({ name }) => name),
    [
      {
        title: 'teacher’s step, %',
        format: sharePercent,
        values: arms.map(({ evidence }) => evidence.teacherStep),
      },
      {
        title: 'busy device time, %',
        format: sharePercent,
        values: arms.map(({ evidence }) => evidence.deviceHours),
      },
      { title: 'input figures', format: String, values: arms.map(({ evidence }) => evidence.figures) },
    ],
  );
  const table = assumptionsTable(assumptions);
  return {
    id: 'evidence',
    title: 'What it rests on',
    tables: [shares, ...(table.rows.length > 0 ? [table] : [])],
  };
}

/** What was assumed, and what it rests on. */
export function assumptionsTable(assumptions: DistillationResult['assumptions']): PageTable {
  const stated = assumptions.filter(({ source }) => source !== '');
  return {
    caption: 'What was assumed, with its range where it is uncertain, and what it rests on',
    columns: [
      { title: 'figure', align: 'left' },
      { title: 'of', align: 'left' },
      { title: 'value' },
      { title: 'low' },
      { title: 'high' },
      { title: 'rests on', align: 'left' },
      { title: 'source', align: 'left' },
    ],
    rows: stated.map((one) => [
      one.group === 'quality' ? constantTitle(one.name) : one.name,
      one.group,
      assumedText(one, one.value),
      one.low === undefined ? '–' : assumedText(one, one.low),
      one.high === undefined ? '–' : assumedText(one, one.high),
      one.evidence,
      one.source,
    ]),
  };
}

function tablesOf(...tables: readonly (TitledTable | undefined)[]): PageTable[] {
  return tables.filter((table) => table !== undefined).map((table) => withBadges(pageTable(table)));
}

const judged = new Set(['verdict', '≥ 0.02 %', 'unchanged']);

/** Verdicts, and whether gains count, in a colour beside their words. */
function withBadges(table: PageTable): PageTable {
  const isJudged = table.columns.map(({ title }) => judged.has(title));
  return {
    ...table,
    rows: table.rows.map((row) =>
      row.map((cell, index) =>
        isJudged[index] && typeof cell === 'string' && cell !== '–' ? stateBadge(cell) : cell,
      ),
    ),
  };
}
