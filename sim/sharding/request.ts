import { strategies } from '../../scenarios/schema.ts';
import type { PieceCost } from './pieces.ts';

export type Strategy = (typeof strategies)[number];

/** Strategies that answer at once; `best` searches and may wait for the HiGHS solver to load. */
export type DirectStrategy = Exclude<Strategy, 'best'>;
export const directStrategies = strategies.filter((strategy) => strategy !== 'best');

/**
 * How to shard the embedding tables of a model. Parts of one table lie on different shards as far as there are
 * enough shards and memory allows.
 */
export interface ShardingRequest {
  strategy: Strategy;
  /** Sparse shards; `singular` has none and `one-shard` one, whatever is said here. */
  shards: number;
  /** Memory for tables on each shard, net of headroom. */
  capacityBytesPerShard: number;
  /** Expected sparse operator time of a piece per typical batch; the default is `defaultPieceCost`. */
  pieceCostS?: PieceCost;
  /**
   * A table larger than a shard is split row-wise into the fewest equal parts that fit, whatever is said here
   * (`auto`, the default); a list splits the tables that it names over all shards besides, or all shards of
   * their net with `nsbp`.
   */
  rowWise?: 'auto' | readonly string[];
  /** Column slices by table name, at least two; the table's dimensions are cut as evenly as they go. */
  columnWise?: Readonly<Record<string, number>>;
  /** Seed of `random` and of the perturbations of `best`. */
  seed?: number;
  /** How hard `best` searches; see `SearchEffort`. */
  effort?: Partial<SearchEffort>;
}

/**
 * Limits of the search of `best`. All but the time limit count work, so that the answer is the same on every
 * machine; a solver stopped by the time limit is ignored.
 */
export interface SearchEffort {
  /** Search ends at this relative distance from the lower bound. */
  targetGap: number;
  /** Moves and swaps that local search examines, per piece that can move. */
  evaluationsPerPiece: number;
  /** HiGHS is asked when pieces × shards is at most this; 0 never asks. */
  highsVariables: number;
  /** Branch-and-bound nodes of HiGHS. */
  highsNodes: number;
  /** Safety net in seconds. Only this limit depends on the machine. */
  highsTimeLimitS: number;
}
