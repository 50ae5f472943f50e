import type { FlightOptions } from '../streams/flights/flight-stream.ts';
import type { SyntheticOptions } from '../streams/synthetic/options.ts';
import type { ArmId, ControlId, Knobs } from './arms.ts';

/** Where the examples come from. */
export type SourceSpec =
  | { kind: 'flights'; options: FlightOptions }
  | { kind: 'synthetic'; options: SyntheticOptions }
  /** @param layout name of one that ships, or a file */
  | { kind: 'csv'; file: string; layout: string };

/** Shape of a model; its tables have a row an id, up to a limit beyond which ids are hashed. */
export interface ShapeSpec {
  /** Names of fields; every field of the stream where there are none. */
  fields: readonly string[] | undefined;
  embeddingDim: number;
  hidden: readonly number[];
  headHidden: readonly number[];
}

/** A log of a teacher that was trained elsewhere. */
export interface GivenLog {
  stalenessDays: number;
  file: string;
  /** Hash of what it holds. */
  digest: string;
}

/** An experiment: one teacher, several students, and what is compared. Plain data. */
export interface ExperimentSpec {
  name: string;
  question: string;
  source: SourceSpec;
  teacher: ShapeSpec & {
    task: string;
    /** Multiples of embedding and hidden widths; 1 is run whatever is listed, the others for the transfer curve. */
    sizes: readonly number[];
    learningRate: number;
    /** Snapshots of a day; one at midnight unless stated. */
    snapshotsPerDay?: number;
    /** Logs of a teacher from elsewhere, as files; such a teacher is not trained. */
    logFiles?: readonly string[];
    /** The same, opened and checked. */
    logs?: readonly GivenLog[];
  };
  student: ShapeSpec & { tasks: readonly string[] };
  /** Verticals with every arm, and those with base and auxiliary head; every one of the stream where absent. */
  gridVerticals: readonly string[];
  verticals: readonly string[] | undefined;
  arms: readonly ArmId[];
  controls: readonly ControlId[];
  knobs: Knobs;
  stalenessDays: readonly number[];
  /** Ages of snapshots at which the teacher itself is measured. */
  lagDays: readonly number[];
  /** Seeds 1 to this. */
  seeds: number;
  metricsFromDay: number;
  periodDays: number;
  level: number;
  bootstrap: { resamples: number; blockDays: number };
  batch: number;
  /** Of students. */
  learningRate: number;
  maxTableRows: number;
}
