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
  /** What is drawn at which place, where there may be more dots than can be marks of their own. */
  points?: ChartPoints;
}

/** What a script needs to name the dot that is nearest to a pointer, or to list those inside a rectangle. */
export interface ChartPoints {
  /** Where the dots are in the viewBox, to a tenth of a pixel; all lists here are as long as these. */
  x: number[];
  y: number[];
  columns: PointColumn[];
}

/** One thing to tell of each dot: a number, or one of a few texts, `texts[codes[dot]]`. */
export type PointColumn =
  | { title: string; numbers: (number | null)[] }
  | { title: string; texts: string[]; codes: number[] };

/** A chart that an answer has no data for, and what would give them. */
export interface Absence {
  title: string;
  reason: string;
}
