import { counted, grouped } from '../../foundation/counted.ts';
import { withPrefix } from '../../foundation/units.ts';
import type { ExperimentCell, ExperimentResult } from '../../sim/training/experiment-result.ts';
import type { PageTable, Section } from '../html/content.ts';
import { gainingArms, titleOf } from './cells.ts';
import { intervalsOf } from './gain-sections.ts';
import { daysInWords, listed, sizeInWords } from './wording.ts';

/** Training costs three times the FLOPs of serving: forward, and backward by inputs and by weights. */
const trainingOverForward = 3;

const teacherNames: Record<ExperimentCell['teacher'], string> = {
  'foundation model': 'the teacher',
  labels: 'its own labels',
  shuffled: 'the teacher, shuffled',
  'vm-sized': 'a teacher of its size',
  none: 'nobody',
};

/** What no student was trained on, or only in part. */
export function maskedSection(result: ExperimentResult): Section {
  return {
    id: 'masked',
    title: 'What was masked',
    paragraphs: [
      'Examples that no teacher had labelled train the serving head alone. Label scaling cuts targets off at 1. Both as shares of the examples that a student was trained on, least and most over verticals, tasks and ages.',
    ],
    tables: [
      {
        caption: 'By arm',
        columns: [
          { title: 'arm', align: 'left' },
          { title: 'taught by', align: 'left' },
          { title: 'no pseudo-label, %' },
          { title: 'cut off at 1, %' },
        ],
        rows: gainingArms(result).flatMap(({ id, title }) => {
          const cells = result.cells.filter(({ arm }) => arm === id);
          if (cells.length === 0) return [];
          const isTaught = cells.some(({ teacher }) => teacher !== 'none');
          return [
            [
              title,
              listed([...new Set(cells.map(({ teacher }) => teacherNames[teacher]))]),
              isTaught ? shares(cells, ({ withoutTeacher }) => withoutTeacher) : '',
              isTaught ? shares(cells, ({ clippedLabels }) => clippedLabels) : '',
            ],
          ];
        }),
      },
    ],
  };
}

function shares(cells: readonly ExperimentCell[], of: (cell: ExperimentCell) => number): string {
  const all = cells.map((cell) => 100 * of(cell));
  const [least, most] = [Math.min(...all), Math.max(...all)].map((value) => value.toFixed(2));
  return least === most ? least : `${least} … ${most}`;
}

/** What is served is what would be without a teacher. */
export function servingSection({ serving }: ExperimentResult): Section {
  const { parameters, flopsPerExample, modelsExported, predictionsCompared, withHeadsCompared } = serving;
  return {
    id: 'serving',
    title: 'What is served',
    points: [
      `${counted(modelsExported, 'student')} exported: backbone and serving head, without auxiliary heads and adapter. Each has ${grouped(parameters)} parameters and ${grouped(flopsPerExample)} FLOP an example, as the base arm has.`,
      exportSentence(predictionsCompared),
      ...(withHeadsCompared > 0
        ? [
            `${counted(withHeadsCompared, 'prediction')} of students whose auxiliary heads send nothing back (β = 0) are equal to those of the base arm to the last bit.`,
          ]
        : []),
    ],
  };
}

function exportSentence(compared: number): string {
  return compared === 0
    ? 'No prediction of an exported model was compared with that of the head that it came from.'
    : `${counted(compared, 'prediction')} of exported models compared with those of the serving heads that they came from: equal to the last bit.`;
}

/** What was run for it, in models, examples and operations. */
export function costSection(result: ExperimentResult): Section {
  const rows = [studentCost(result), ...teacherCosts(result)];
  const total = rows.reduce((sum, { flop }) => sum + flop, 0);
  const table: PageTable = {
    caption: 'Models trained in one pass each, and the FLOP of their dense layers, forward and backward',
    columns: [
      { title: 'model', align: 'left' },
      { title: 'trained' },
      { title: 'examples passed' },
      { title: 'FLOP' },
    ],
    rows: [
      ...rows.map(({ name, models, examples, flop }) => [
        name,
        grouped(models),
        grouped(examples),
        withPrefix(flop).trim(),
      ]),
      [
        'in all',
        grouped(rows.reduce((sum, { models }) => sum + models, 0)),
        grouped(rows.reduce((sum, { examples }) => sum + examples, 0)),
        withPrefix(total).trim(),
      ],
    ],
    hasTotal: true,
  };
  return {
    id: 'cost',
    title: 'Cost of the experiment',
    paragraphs: [
      'Counted, not timed: auxiliary heads, adapters, embedding tables and the teachers of controls are left out of the FLOP.',
    ],
    tables: [table],
  };
}

interface Cost {
  name: string;
  models: number;
  examples: number;
  flop: number;
}

function studentCost({ cells, source, protocol, student }: ExperimentResult): Cost {
  const examplesOf = new Map(source.verticals.map(({ name, examples }) => [name, examples]));
  const seeds = protocol.seeds.length;
  const examples = seeds * cells.reduce((sum, { vertical }) => sum + (examplesOf.get(vertical) ?? 0), 0);
  return {
    name: 'students',
    models: seeds * cells.length,
    examples,
    flop: trainingOverForward * student.flopsPerExample * examples,
  };
}

/** One teacher a size and seed, whatever the ages of its snapshots; one from elsewhere costs nothing here. */
function teacherCosts({ teachers, source, protocol }: ExperimentResult): Cost[] {
  const seeds = protocol.seeds.length;
  const examples = seeds * source.examples;
  return [...new Map(teachers.map(({ size, model }) => [size, model]))].flatMap(([size, model]) =>
    model
      ? [
          {
            name: `teacher of size ${sizeInWords(size)}`,
            models: seeds,
            examples,
            flop: trainingOverForward * model.flopsPerExample * examples,
          },
        ]
      : [],
  );
}

/** What the figures rest on. */
export function evidenceSection(result: ExperimentResult): Section {
  const { protocol, source, warnings } = result;
  const { seeds, metricsFromDay, batch, learningRate, teacherLearningRate, distillation } = protocol;
  const { weight, gradientScale, labelScale, headHidden, adapter } = distillation;
  const layers = (widths: readonly number[]) => (widths.length === 0 ? 'none' : widths.join(', '));
  const rows: [string, string][] = [
    ['seeds', listed(seeds.map(String))],
    ['intervals', intervalsOf(result)],
    ['examples', `${grouped(source.examples)} of ${counted(source.days, 'day')}`],
    ['days that count', `${metricsFromDay} to ${source.days - 1}, the first being day 0`],
    ['a point of a series', daysInWords(protocol.periodDays)],
    ['batch', counted(batch, 'example')],
    ['learning rate of Adagrad, students', String(learningRate)],
    ...(teacherLearningRate === undefined
      ? []
      : [['learning rate of Adagrad, teacher', String(teacherLearningRate)] as [string, string]]),
    ['w, weight of distillation', String(weight)],
    ['β, gradient scaling', `${gradientScale} in arms with GS, else 1`],
    ['α, label scaling', `${labelScale} in arms with LS, else 1`],
    ['hidden layers of an auxiliary head', layers(headHidden)],
    [
      'student adapter',
      `reads the ${adapter.input}; hidden layers ${layers(adapter.hidden)}${adapter.residual ? '; adds the teacher’s log-odds' : ''}; learning rate ${adapter.learningRate}`,
    ],
  ];
  return {
    id: 'evidence',
    title: 'What the figures rest on',
    paragraphs: [
      'All figures of quality are measured here: models trained in a single pass over the stream, each example predicted before it is trained on. None is of the paper.',
    ],
    tables: [
      {
        caption: 'The protocol',
        columns: [
          { title: 'what', align: 'left' },
          { title: 'is', align: 'left' },
        ],
        rows,
      },
      {
        caption: 'The arms',
        columns: [
          { title: 'arm', align: 'left' },
          { title: 'what it is', align: 'left' },
        ],
        rows: result.arms.map(({ id, description, isControl }) => [
          titleOf(result, id),
          isControl ? `control: ${description}` : description,
        ]),
      },
    ],
    points: [...warnings.map((warning) => `Warning: ${warning}`), ...protocol.notes],
  };
}
