import { counted, grouped } from '../../foundation/counted.ts';
import { formatTime } from '../../foundation/units.ts';
import type { ExperimentResult, ExperimentSource } from '../../sim/training/experiment-result.ts';
import type { PageTable, Section } from '../html/content.ts';

/** Verticals that nobody trains, of which so many are named. */
const mostNamed = 20;

/** What the stream holds, and what of it could not be used. */
export function streamSection({ source, gridVerticals }: ExperimentResult): Section {
  return {
    id: 'stream',
    title: 'The stream',
    paragraphs: [
      `${originOf(source)}. ${counted(source.examples, 'example')} of ${counted(source.days, 'day')}; κ, the examples of all verticals over those of their union, is ${source.overlap.toFixed(3)}.`,
    ],
    tables: [
      taskTable(source),
      verticalTable(source, gridVerticals),
      {
        caption: 'Fields',
        columns: [{ title: 'field', align: 'left' }, { title: 'values' }],
        rows: source.fields.map(({ name, cardinality }) => [name, grouped(cardinality)]),
      },
    ],
    points: setAside(source),
  };
}

/** The start of a sentence; names of files stay as they are. */
function originOf({ kind, description }: ExperimentSource): string {
  return kind === 'csv'
    ? `From ${description}`
    : `${description.charAt(0).toUpperCase()}${description.slice(1)}`;
}

/** What had to be done to the stream, or nothing: what is zero is left out. */
function setAside({ moved, inNoVertical, ...source }: ExperimentSource): string[] {
  return [
    ...(moved > 0 ? [`${counted(moved, 'example')} had to be put into the order of time.`] : []),
    ...(inNoVertical > 0
      ? [
          `${counted(inNoVertical, 'example')} in no vertical: the teacher alone trains on ${inNoVertical === 1 ? 'it' : 'them'}.`,
        ]
      : []),
    ...unknownVerticals(source),
  ];
}

function taskTable({ tasks, examples }: ExperimentSource): PageTable {
  const hasBest = tasks.some(({ bestNe }) => bestNe !== undefined);
  return {
    caption: `Tasks: labels that are missing or came before their impression are neither trained on nor counted${hasBest ? '; the least NE is that of the probabilities which labels were drawn with' : ''}`,
    columns: [
      { title: 'task', align: 'left' },
      { title: 'positive, %' },
      { title: 'without a label' },
      { title: 'label before impression' },
      { title: 'labelled' },
      { title: 'label after, median' },
      ...(hasBest ? [{ title: 'least NE' }] : []),
    ],
    rows: tasks.map(({ task, positiveRate, unlabelled, beforeImpression, medianDelayS, bestNe }) => [
      task,
      (100 * positiveRate).toPrecision(3),
      grouped(unlabelled),
      grouped(beforeImpression),
      grouped(examples - unlabelled),
      formatTime(medianDelayS),
      ...(hasBest ? [bestNe === undefined ? '' : bestNe.toFixed(4)] : []),
    ]),
  };
}

function verticalTable({ verticals, examples }: ExperimentSource, grid: readonly string[]): PageTable {
  return {
    caption: 'Verticals',
    columns: [
      { title: 'vertical', align: 'left' },
      { title: 'examples' },
      { title: 'of the stream, %' },
      { title: 'arms', align: 'left' },
    ],
    rows: verticals.map((vertical) => [
      nameOf(vertical.name),
      grouped(vertical.examples),
      ((100 * vertical.examples) / examples).toFixed(1),
      grid.includes(vertical.name) ? 'all' : '',
    ]),
  };
}

function unknownVerticals({
  unknownVerticals: unknown,
}: Pick<ExperimentSource, 'unknownVerticals'>): string[] {
  if (unknown.length === 0) return [];
  const named = unknown
    .slice(0, mostNamed)
    .map(([name, examples]) => `${nameOf(name)} (${grouped(examples)})`);
  const more = unknown.length > mostNamed ? `, and ${unknown.length - mostNamed} more` : '';
  return [`Verticals that nobody trains, with their examples: ${named.join(', ')}${more}.`];
}

/** An empty cell is a value, too. */
function nameOf(vertical: string): string {
  return vertical === '' ? 'no name' : vertical;
}
