import type { Derived } from './derived.ts';
import type { Layout } from './layout.ts';
import type { UiState } from './state.ts';
import type { SubjectView } from './subject-view.ts';

/** What a key asks for beside another state. */
export type Effect =
  | { kind: 'quit' | 'stop' | 'interrupt' | 'suspend' | 'redraw' | 'choose' }
  | { kind: 'open'; index: number }
  | { kind: 'export'; format: number; file: string };

/** What keys act on. */
export interface Context {
  view: SubjectView;
  derived: Derived;
  layout: Layout;
  formats: readonly { label: string; extension: string }[];
  /** Name for a file of a format. */
  fileName(format: number): string;
  exists(file: string): boolean;
  isRunning: boolean;
  /** Whether the list is one of answers to open, and whether there is one to go back to. */
  isChooser: boolean;
  canChoose: boolean;
}

export type Step = [state: UiState, effect?: Effect | undefined];
