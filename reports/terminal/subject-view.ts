import type { Line } from './line.ts';
import type { Status } from './status.ts';

export const tabKeys = [
  'overview',
  'latency',
  'breakdown',
  'shards',
  'fleet',
  'evidence',
  'compare',
] as const;
export type TabKey = (typeof tabKeys)[number];

export const tabTitles: Record<TabKey, string> = {
  overview: 'Overview',
  latency: 'Latency',
  breakdown: 'Breakdown',
  shards: 'Shards',
  fleet: 'Fleet',
  evidence: 'Evidence',
  compare: 'Compare',
};

/** One entry of the list: an arm, an alternative, a row of a sweep, a pair. */
export interface Item {
  name: string;
  status: Status;
  /** What decides, in the order of the titles of the view; units stand in the titles. */
  figures: readonly string[];
}

/** What a tab is drawn for. */
export interface At {
  /** The selected item. */
  index: number;
  /** The item that it is compared with. */
  other: number;
  width: number;
}

export interface Tab {
  /** Why the tab has nothing to show for an item; undefined where it has. */
  missing(index: number): string | undefined;
  lines(at: At): Line[];
}

/** An order of the list; items without a value come last. */
export interface Sort {
  title: string;
  of(index: number): number | string | undefined;
}

/** A subject as the terminal shows it: a list, and tabs about its items. */
export interface SubjectView {
  /** What the header says: the kind of answer and its name, and what it is judged by. */
  title: string;
  goal: string;
  /** What one item of the list is. */
  what: string;
  size: number;
  /** Item that is selected at first. */
  start: number;
  /** Item that others are compared with where none is marked. */
  baseline: number;
  figureTitles: readonly string[];
  /** Whether names need a line of their own, however wide the list is. */
  hasLongNames: boolean;
  /** Tells an item from others, in this view and in later ones of the same work. */
  key(index: number): string;
  item(index: number): Item;
  /** Text that a filter looks in, in lower case. */
  searchText(index: number): string;
  sorts: readonly Sort[];
  tabs: Record<TabKey, Tab>;
}

/** A tab that this kind of answer cannot fill. */
export function never(reason: string): Tab {
  return { missing: () => reason, lines: () => [] };
}

/** A tab that every item fills. */
export function always(lines: Tab['lines']): Tab {
  return { missing: () => undefined, lines };
}
