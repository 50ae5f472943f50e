import { formatPercent, significant } from '../../foundation/units.ts';
import type { Absence, Chart } from '../charts/chart.ts';
import type { Content, KeyFigure, Section } from '../html/content.ts';
import { htmlPage } from '../html/html-report.ts';
import { scoreProgress } from './score-progress.ts';
import type { SearchReport } from './search-report.ts';
import { searchRoofline } from './search-roofline.ts';
import {
  costInWords,
  dispatchInWords,
  dispatchTable,
  kindTable,
  searchInWords,
  searchText,
  timingTable,
} from './search-text.ts';
import { searchTree } from './search-tree.ts';

/** A search as one self-contained page: its graph, what was found, and what runs for which shape. */
export function searchPage(
  report: SearchReport,
  { script, product }: { script: string; product: string },
): string {
  return htmlPage({
    ...searchParts(report),
    source: report.source,
    text: searchText(report),
    script,
    product,
  });
}

/** What a page or a document about a search is made of. */
export function searchParts(report: SearchReport): {
  content: Content;
  charts: Chart[];
  absent: Absence[];
} {
  const roofline = searchRoofline(report);
  const grown = report.nodes.length > 0 ? [scoreProgress(report), searchTree(report)] : [];
  const dispatch = {
    title: 'What runs for which shape',
    reason: 'the best kernels were not timed to the end yet',
  };
  return {
    content: contentOf(report),
    charts: [...grown, ...('svg' in roofline ? [roofline] : [])],
    absent: [...('svg' in roofline ? [] : [roofline]), ...(report.dispatch ? [] : [dispatch])],
  };
}

function contentOf(report: SearchReport): Content {
  const { task, language, dataType, device, settings, session, source } = report;
  const dispatch =
    report.dispatch && report.dispatch.rows.length > 0 ? [dispatchSection(report.dispatch)] : [];
  return {
    kind: 'search',
    question: `A faster kernel: ${task.title}`,
    answer: searchInWords(report),
    figures: figuresOf(report),
    sections: [shapesSection(report), ...dispatch, failuresSection(report)],
    evidence: {
      id: 'evidence',
      title: 'What the figures rest on',
      paragraphs: [
        `All times are measured on ${device}: kernel and reference in turn, in one process that holds the device alone, on inputs that rotate. Intervals are those of 95 % over the rounds. Right is what agrees with a float64 reference within the tolerance of ${dataType}, on fresh inputs.`,
        costInWords(report),
      ],
    },
    defaults: [],
    fingerprint: [
      ['task', `${task.name} (${task.source})`],
      ['operator', task.operator],
      ['language', language],
      ['data type', dataType],
      ['device', device],
      ['session', String(session)],
      ...settings,
    ],
    reproduce: {
      commands: [`rankfleet evolve replay ${source}`],
      note: 'A search run again chooses the same as long as it sees the same times; times differ from run to run.',
      promise: 'Scores, choices and this summary are derived again from what is kept by:',
    },
  };
}

function figuresOf({ nodes, best, summary, dispatch }: SearchReport): KeyFigure[] {
  const winner = nodes.find(({ id }) => id === best);
  const deployed = dispatch?.kinds.map(
    ({ kind, deployed: speedup }): KeyFigure => ({
      label: 'Deployed, with fallback',
      value: significant(speedup),
      unit: '×',
      note: kind === 'all' ? 'over all shapes, held-out ones too' : `shapes of kind ${kind}`,
    }),
  );
  return [
    ...(winner
      ? [
          {
            label: 'Best kernel',
            value: significant(winner.score),
            unit: '×',
            note: `at step ${winner.step}`,
          },
        ]
      : []),
    ...(deployed ?? []),
    { label: 'Artifacts', value: String(nodes.length), note: `${summary.evaluations} evaluated` },
    { label: 'Failed', value: formatPercent(summary.buggyRate) },
  ];
}

function shapesSection({ timings }: SearchReport): Section {
  const table = timingTable(timings);
  return {
    id: 'shapes',
    title: 'The best kernel on the shapes of the search',
    tables: timings.length > 0 ? [{ caption: 'Times of one launch', ...table }] : [],
    paragraphs: timings.length > 0 ? [] : ['No kernel was right on all of them.'],
  };
}

function dispatchSection(dispatch: NonNullable<SearchReport['dispatch']>): Section {
  return {
    id: 'dispatch',
    title: 'What runs for which shape',
    paragraphs: dispatchInWords(dispatch),
    tables: [
      { caption: 'Timed to the end: median and 95 % interval', ...dispatchTable(dispatch) },
      { caption: 'By kind of shape, geometric means', ...kindTable(dispatch) },
    ],
  };
}

function failuresSection({ failures }: SearchReport): Section {
  return {
    id: 'failures',
    title: 'What failed',
    paragraphs: failures.length > 0 ? [] : ['Nothing.'],
    tables:
      failures.length > 0
        ? [
            {
              caption: 'Failures of one kind have one signature',
              columns: [{ title: 'signature', align: 'left' }, { title: 'nodes' }],
              rows: failures.map(({ signature, count }) => [signature, String(count)]),
            },
          ]
        : [],
  };
}
