import { grouped } from '../../foundation/counted.ts';
import type { ExperimentResult } from '../../sim/training/experiment-result.ts';
import type { Absence, Chart } from '../charts/chart.ts';
import type { Content, KeyFigure } from '../html/content.ts';
import { htmlPage } from '../html/html-report.ts';
import { armCells, kinship, tasksOf, titleOf } from './cells.ts';
import { experimentCharts } from './experiment-charts.ts';
import { experimentText } from './experiment-text.ts';
import { experimentInWords } from './in-words.ts';
import { sectionsOf } from './sections.ts';
import { daysInWords, percentRange, widest } from './wording.ts';

/** Where an experiment was read from, as the user named it, and what it can be had from again. */
export interface ExperimentOrigin {
  source: string;
  /** Commands that give the same figures again. */
  commands: readonly string[];
}

/** An experiment as one self-contained page. */
export function experimentPage(
  result: ExperimentResult,
  origin: ExperimentOrigin,
  { script, product }: { script: string; product: string },
): string {
  return htmlPage({
    ...experimentParts(result, origin),
    source: origin.source,
    text: experimentText(result),
    script,
    product,
  });
}

/** What a page or a document about an experiment is made of. */
export function experimentParts(
  result: ExperimentResult,
  origin: ExperimentOrigin,
): { content: Content; charts: Chart[]; absent: Absence[] } {
  return { content: contentOf(result, origin), ...experimentCharts(result) };
}

function contentOf(result: ExperimentResult, { commands }: ExperimentOrigin): Content {
  const { name, question, product, key, source, protocol } = result;
  return {
    kind: 'distillation experiment',
    question,
    answer: experimentInWords(result),
    figures: figuresOf(result),
    ...sectionsOf(result),
    defaults: [],
    fingerprint: [
      ['experiment', name],
      ['product', product],
      ['key', key],
      ['stream', `${source.stream}, ${grouped(source.examples)} examples`],
      ['seeds', protocol.seeds.join(', ')],
    ],
    reproduce: {
      commands,
      note: 'The key is a hash of all that decides the figures.',
      promise: 'The same experiment on the same stream gives the same figures, to the last digit:',
    },
  };
}

/** The best gain of each task, and how the claims came out. */
function figuresOf(result: ExperimentResult): KeyFigure[] {
  const best = tasksOf(result).flatMap((task): KeyFigure[] => {
    const cells = armCells(result).filter((cell) => cell.task === task);
    if (cells.length === 0) return [];
    const most = cells.reduce((one, other) => (other.gain.mean > one.gain.mean ? other : one));
    const [value, range = ''] = percentRange(widest(most.gain)).split(' (');
    const age = most.stalenessDays === undefined ? '' : `, s = ${daysInWords(most.stalenessDays)}`;
    return [
      {
        label: `Best on ${task}`,
        value,
        unit: '% of NE gained',
        note: `${titleOf(result, most.arm)}${age}, ${most.vertical}${range === '' ? '' : ` (${range}`}; ${kinship(result, task)}`,
      },
    ];
  });
  const hold = result.claims.filter(({ verdict }) => verdict === 'holds').length;
  return [
    ...best,
    { label: 'Claims that hold', value: `${hold} of ${result.claims.length}` },
    {
      label: 'Serving, per example',
      value: String(result.serving.flopsPerExample),
      unit: 'FLOP',
      note: 'as without a teacher',
    },
  ];
}
