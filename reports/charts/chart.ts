import type { Column } from '../text-table.ts';

/**
 * A drawing of one question to an answer. The same drawing serves the page, where a script brings it to life, and a
 * file of its own.
 */
export interface Chart {
  /** Anchor in the page and name of the file. */
  id: string;
  title: string;
  /** What is to be seen, and what the intervals mean, in a sentence or two. */
  note: string;
  /**
   * One `<svg>` element with a `viewBox`, drawn with classes that `chartStyle` colours. What a reader may point at has
   * the class `mark` and a `<title>` as its first child, one exact value with its unit a line.
   */
  svg: string;
  /** The figures as text, units in the titles: for readers without scripts or eyes. */
  table: { columns: Column[]; rows: string[][] };
}
