import type { SubjectView, TabKey } from './subject-view.ts';

/** A question that takes the keys until it is answered. */
export type Prompt =
  | { kind: 'filter' }
  | { kind: 'format'; chosen: number }
  | { kind: 'file'; format: number; text: string }
  | { kind: 'overwrite'; format: number; file: string }
  | { kind: 'stop' };

/** What was said to the person last. */
export interface Notice {
  text: string;
  tone: 'good' | 'bad' | 'accent';
}

/** What a person chose to see. */
export interface UiState {
  tab: TabKey;
  /** Index of the selected item. */
  selected: number;
  /** Position of the first item in the list that is seen, and first line of the tab. */
  top: number;
  scroll: number;
  filter: string;
  /** Position among the orders of the view; −1: as listed. */
  sort: number;
  isReversed: boolean;
  /** The item that others are compared with. */
  marked?: number | undefined;
  prompt?: Prompt | undefined;
  isHelp: boolean;
  notice?: Notice | undefined;
}

export function initialState({ start }: SubjectView): UiState {
  return {
    tab: 'overview',
    selected: start,
    top: 0,
    scroll: 0,
    filter: '',
    sort: -1,
    isReversed: false,
    isHelp: false,
  };
}

/** The item that the selected one is compared with: the marked one, else the baseline, else the first other one. */
export function otherOf(view: SubjectView, { marked, selected }: UiState): number {
  if (marked !== undefined && marked !== selected && marked < view.size) return marked;
  if (selected !== view.baseline) return view.baseline;
  return selected === 0 && view.size > 1 ? 1 : 0;
}
