import type { SearchGraph } from './graph.ts';

/** When a search is over: as soon as one of them is reached. */
export interface Limits {
  /** Nodes of the session: drafts, failures and duplicates count. */
  artifacts?: number;
  /** Score that is good enough. */
  threshold?: number;
  /** Nodes in a row without a better one. */
  stall?: number;
  /** Seconds of this run of this process; what is in flight then is left to the next one. */
  wallClockS?: number;
}

/** Why a session is over; `exhausted`: its operator has nothing new to try. Time ends a run, and the session goes on with the next. */
export type EndReason = 'artifacts' | 'threshold' | 'stall' | 'exhausted';

/** Why a run ended. */
export type StopReason = EndReason | 'time' | 'aborted';

/** Why a session is over, if it is. */
export function endReason(
  graph: SearchGraph,
  { artifacts, threshold, stall }: Limits,
): EndReason | undefined {
  if (threshold !== undefined && (graph.best?.score ?? 0) >= threshold) return 'threshold';
  if (artifacts !== undefined && graph.size >= artifacts) return 'artifacts';
  return stall !== undefined && graph.sinceBest >= stall ? 'stall' : undefined;
}

/** Whether another expansion would be one too many. */
export function isFull(graph: SearchGraph, { artifacts = Number.POSITIVE_INFINITY }: Limits): boolean {
  return graph.size + graph.open >= artifacts;
}
