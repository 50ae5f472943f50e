import type { Subject } from '../subject.ts';

/** A way to write what is shown to a file, which is whole or not there. */
export interface Exporter {
  /** Tells exporters apart. */
  key: string;
  label: string;
  /** Of its files, without the dot. */
  extension: string;
  write(file: string): void | Promise<void>;
}

/** Work that fills the subject while a person looks. */
export interface Run {
  state: 'running' | 'finished';
  done: number;
  total: number;
  /** What is counted, in the plural. */
  what: string;
  /** Asked before it is stopped, with what becomes of it. */
  stopQuestion: string;
  leftS?: number | undefined;
  /** What else a person waiting wants to know. */
  note?: string | undefined;
}

/** What there is to show now. */
export interface Snapshot {
  subject: Subject;
  run?: Run;
  exporters: readonly Exporter[];
}

/** Snapshots, one replaced by the next. */
export interface Feed {
  current(): Snapshot;
  /** @returns what ends the subscription */
  subscribe(changed: () => void): () => void;
}

/** Something to show that does not change. */
export function stillFeed(snapshot: Snapshot): Feed {
  return { current: () => snapshot, subscribe: () => () => {} };
}

/** Answers to choose from. */
export interface Library {
  /** Where they were found. */
  place: string;
  entries: readonly {
    source: string;
    kind: string;
    details: readonly (readonly [name: string, value: string])[];
  }[];
  /** The one that is open at first; none where a person is to choose. */
  first?: number;
  /** @throws Error for an answer that cannot be read */
  open(index: number): Snapshot;
}
