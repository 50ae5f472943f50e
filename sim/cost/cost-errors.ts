import type { Evidence } from '../../foundation/evidence.ts';
import { RandomStream } from '../../foundation/random.ts';
import type { AccessSkew, TableDataType } from '../../models/model.ts';
import { type ReplicationKey, streams } from '../streams.ts';

/** Predicted time of one operator, what it rests on, and how far off it may be. */
export interface OperatorTime {
  seconds: number;
  evidence: Evidence;
  /** Standard deviation of the cost model's error in log time; 0 where nothing is known about it. */
  logError: number;
}

/** Lookups of one table (or part of one) in a fused kernel over several. */
export interface TableLookup {
  rows: number;
  dim: number;
  dataType: TableDataType;
  /** Stored bytes of one row. */
  rowBytes: number;
  skew: AccessSkew;
  /** Pooled vectors that come out, and rows read for them. */
  bags: number;
  lookups: number;
  /** Bytes in which one value of a pooled vector is handed on; absent: 4 from fp32 rows, 2 from narrower ones. */
  valueBytes?: number;
}

/**
 * Factors by which the cost model is off in one replication, by measured surface (`h200-sxm gemm fp16`); 1 for
 * what has no known error. The nominal model is `noErrors`.
 */
export type CostErrors = (surface: string, logError: number) => number;

export const noErrors: CostErrors = () => 1;

/**
 * Errors of one replication that asks for them: each surface is off by one normal draw times its own standard
 * deviation at a shape, the same in every arm, so that errors that arms share cancel in their differences.
 */
export function costErrors({ seed, replication, withCostErrors }: ReplicationKey): CostErrors {
  if (!withCostErrors) return noErrors;
  const draws = new Map<string, number>();
  return (surface, logError) => {
    if (logError === 0) return 1;
    let draw = draws.get(surface);
    if (draw === undefined) {
      draw = new RandomStream(seed, replication, streams.costModel, hashOf(surface)).normal();
      draws.set(surface, draw);
    }
    return Math.exp(draw * logError);
  };
}

/** FNV-1a over UTF-16 code units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
