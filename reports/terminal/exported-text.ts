import { tabContent } from './derived.ts';
import { plain } from './line.ts';
import type { UiState } from './state.ts';
import { type SubjectView, type TabKey, tabTitles } from './subject-view.ts';

/** Columns of a tab in a file. */
const width = 100;

/** A tab as text, with what it is about above it. */
export function exportedText(view: SubjectView, state: UiState): string {
  const { tab, selected } = state;
  const head = [
    `${view.title}${view.goal === '' ? '' : `, ${view.goal}`}`,
    `${tabTitles[tab]}: ${view.item(selected).name}`,
  ];
  const lines = tabContent(view, state, width).map((line) => plain(line).trimEnd());
  return `${[...head, '', ...lines].join('\n')}\n`;
}

/** `result-scale-out-latency.txt`: a name to start from. */
export function fileNameOf({ title }: SubjectView, tab: TabKey | undefined, extension: string): string {
  const words = tab === undefined ? title : `${title} ${tab}`;
  const plainName = words.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|-+$/g, '');
  return `${plainName || 'answer'}.${extension}`;
}
