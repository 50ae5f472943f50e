import type { Library } from './feed.ts';
import { always, never, type SubjectView } from './subject-view.ts';
import { facts, paragraph, sections } from './table.ts';

/** Answers to choose from, as a subject of its own. */
export function chooserView({ place, entries }: Library): SubjectView {
  const notOpen = never('no answer is open yet: Enter opens the selected one');
  return {
    title: `answers in ${place}`,
    goal: '',
    what: 'answer',
    size: entries.length,
    start: 0,
    baseline: 0,
    hasLongNames: true,
    figureTitles: [],
    key: (index) => entries[index].source,
    item: (index) => ({
      name: entries[index].source,
      status: { sign: '·', word: entries[index].kind, tone: 'accent' },
      figures: [],
    }),
    searchText: (index) => `${entries[index].source} ${entries[index].kind}`.toLowerCase(),
    sorts: [
      { title: 'name', of: (index) => entries[index].source },
      { title: 'kind', of: (index) => entries[index].kind },
    ],
    tabs: {
      overview: always(({ index, width }) =>
        sections(
          width,
          ['', paragraph('Several answers are here. Enter opens the selected one.', width)],
          [entries[index].source, facts(entries[index].details, width)],
        ),
      ),
      latency: notOpen,
      breakdown: notOpen,
      shards: notOpen,
      fleet: notOpen,
      evidence: notOpen,
      compare: notOpen,
    },
  };
}
