import type { RooflineResult } from '../../sim/roofline-result.ts';

/** How many times as fast, with its 95 % interval. */
export interface Speedup {
  mean: number;
  low: number;
  high: number;
}

/** A search for a kernel as reports show it: plain data. */
export interface SearchReport {
  /** Where it was read from, as the user named it. */
  source: string;
  session: number;
  task: { name: string; title: string; source: string; operator: string };
  language: string;
  dataType: string;
  device: string;
  /** What scores are relative to. */
  reference: string;
  /** How it was searched: name and value. */
  settings: readonly (readonly [name: string, value: string])[];
  /** Why it ended; it may go on where there is none. */
  ended: string | undefined;
  /** In the order of their steps; the specification is not among them. */
  nodes: SearchNode[];
  /** The specification, from which drafts come. */
  root: number;
  best: number | undefined;
  /** The source of the best one. */
  kernel: KernelReport | undefined;
  summary: {
    evaluations: number;
    buggyRate: number;
    /** Share of the correct nodes that are at least as fast as the reference. */
    meetsReference: number | undefined;
    target: number;
    stepsToTarget: number | undefined;
  };
  failures: { signature: string; count: number }[];
  cost: { busyDeviceHours: number; heldDeviceHours: number; agentHeldDeviceHours: number };
  /** What became of an artifact's time in the mean, from its choice to its place in the graph; none before the first. */
  artifactS: ArtifactSeconds | undefined;
  /** Share of the devices' time in which they evaluated. */
  utilisation: number | undefined;
  /** Of the best kernel, on the shapes that the search saw. */
  timings: ShapeRow[];
  /** What bounds the device, where the catalogue knows it. */
  roofs: { device: string; roofline: RooflineResult } | undefined;
  dispatch: DispatchReport | undefined;
  /** Whether the best kernels began to be timed to the end, and were not. */
  isOwed: boolean;
}

export interface KernelReport {
  /** What its source is known by. */
  hash: string;
  knobs: readonly (readonly [name: string, value: number])[];
  /** Where it lies; nowhere where the search was exported. */
  file: string | undefined;
}

export interface ArtifactSeconds {
  writing: number;
  compiling: number;
  /** For a process, for references, and for others of this search to leave the device. */
  waiting: number;
  waitingForOtherProcesses: number;
  onDevice: number;
}

export interface SearchNode {
  id: number;
  step: number;
  parents: readonly number[];
  generation: number;
  score: number;
  failure: { stage: string; reason: string } | undefined;
  isDuplicate: boolean;
  memory: string;
  rationale: string;
}

/** The best kernel on one of the shapes that the search saw. */
export interface ShapeRow {
  shape: string;
  kind: string | undefined;
  kernelS: number;
  referenceS: number;
  speedup: Speedup;
  /** Without a compiler. */
  eagerS: number | undefined;
  /** The least time by the device's peaks over that of the kernel; 0 where they are not known. */
  speedOfLight: number;
  /** Of the least bytes and operations that the operator needs. */
  bytesPerS: number;
  flopPerS: number;
}

/** A shape with what runs for it, timed to the end. */
export interface DispatchShape extends Omit<ShapeRow, 'eagerS' | 'speedOfLight' | 'bytesPerS' | 'flopPerS'> {
  isHeldOut: boolean;
  use: 'kernel' | 'fallback';
  kernel: string;
  reference: string;
}

/** Which kernel runs for which shape. */
export interface DispatchReport {
  rows: DispatchShape[];
  kinds: { kind: string; rows: number; kernels: number; speedup: number; deployed: number }[];
  rejected: { node: number; reason: string }[];
  /** What the hardware counted while kernels ran on one shape. */
  counters: { kernel: string; shape: string; inWords: string }[];
  /** Why it counted nothing, where it could have. */
  uncounted: string | undefined;
}
