import type { Column } from '../text-table.ts';
import type { Markup } from './markup.ts';

/** What the page says of a subject: everything but its drawings. */
export interface Content {
  /** What the subject is, as `plan`. */
  kind: string;
  /** Heading of the page: the question, where one was asked. */
  question: string;
  /** The answer: its first sentence before all else. */
  answer: readonly string[];
  figures: readonly KeyFigure[];
  sections: readonly Section[];
  /** What the figures rest on. */
  evidence: Section;
  /** What nobody stated: path and value. */
  defaults: readonly { path: string; value: string | number | boolean }[];
  /** What tells this answer from any other. */
  fingerprint: readonly (readonly [name: string, value: string])[];
  /** Commands that give the same answer again, and what they take for granted. */
  reproduce: {
    commands: readonly string[];
    note: string;
    /** What is the same the next time, where that is not every figure. */
    promise?: string;
  };
}

/** One of the few figures that stand at the top. */
export interface KeyFigure {
  label: string;
  value: string;
  unit?: string;
  /** What it is of. */
  note?: string;
}

/** A part of the page that can be gone to. */
export interface Section {
  /** Anchor in the page, after `part-`. */
  id: string;
  title: string;
  paragraphs?: readonly string[];
  /** Sentences of equal rank. */
  points?: readonly string[];
  tables?: readonly PageTable[];
}

/** Text is escaped; what follows ± stands back. */
export type Cell = string | Markup;

/** A table with its caption; cells of the first column name their rows. */
export interface PageTable {
  caption: string;
  columns: readonly Column[];
  rows: readonly (readonly Cell[])[];
  /** The last row sums up the others. */
  hasTotal?: boolean;
}
