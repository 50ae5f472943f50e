import { didYouMean } from '../../foundation/near-name.ts';
import { InputError } from '../../foundation/problem.ts';
import type { Model } from '../../models/model.ts';
import { strategies } from '../../scenarios/schema.ts';
import type { PieceCost } from './pieces.ts';
import { tablesOf } from './placement.ts';

export type Strategy = (typeof strategies)[number];

/** Strategies that answer at once; `best` searches and may wait for the HiGHS solver to load. */
export type DirectStrategy = Exclude<Strategy, 'best'>;
export const directStrategies = strategies.filter((strategy) => strategy !== 'best');

/** How to shard the embedding tables of a model. */
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
   * (`auto`, the default); a list splits the tables that it names over all shards besides.
   */
  rowWise?: 'auto' | readonly string[];
  /** Column slices by table name; the table's dimensions are cut as evenly as they go. */
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
  /** Moves and swaps that local search examines, per piece. */
  evaluationsPerPiece: number;
  /** HiGHS is asked when pieces × shards is at most this; 0 never asks. */
  highsVariables: number;
  /** Branch-and-bound nodes of HiGHS. */
  highsNodes: number;
  /** Safety net in seconds. Only this limit depends on the machine. */
  highsTimeLimitS: number;
}

/** Checks a request against its model. @throws InputError listing everything that is wrong. */
export function checkRequest(model: Model, request: ShardingRequest): void {
  const { strategy, shards, capacityBytesPerShard, rowWise = 'auto', columnWise = {} } = request;
  const problems: string[] = [];
  if (!Number.isInteger(shards) || shards < 1) {
    problems.push(`shards: expected a whole number of at least 1, got ${shards}`);
  }
  if (!(capacityBytesPerShard > 0)) {
    problems.push(`capacity: expected bytes above zero, got ${capacityBytesPerShard}`);
  }
  const nets = model.nets.filter((net) => net.tables.length > 0).length;
  if (strategy === 'nsbp' && shards < nets) {
    problems.push(`nsbp needs a shard for each of the ${nets} nets that have tables, got ${shards} of them`);
  }
  const dims = new Map(tablesOf(model).map(({ table }) => [table.name, table.embeddingDim]));
  const rowWiseNames = rowWise === 'auto' ? [] : rowWise;
  for (const name of [...rowWiseNames, ...Object.keys(columnWise)]) {
    if (!dims.has(name)) problems.push(unknownTable(name, [...dims.keys()]));
  }
  for (const [name, slices] of Object.entries(columnWise)) {
    const dim = dims.get(name) ?? slices;
    if (!Number.isInteger(slices) || slices < 1 || slices > dim) {
      problems.push(`column-wise '${name}': expected 1 to ${dim} slices, got ${slices}`);
    }
    if (rowWiseNames.includes(name)) problems.push(`table '${name}' is asked to be split both ways`);
  }
  if (problems.length > 0) throw new InputError(problems.map((message) => ({ message })));
}

/** Tables that a message about an unknown one lists. */
const listed = 5;

function unknownTable(name: string, known: readonly string[]): string {
  const near = didYouMean(name, known);
  const more = known.length > listed ? `, … (${known.length} in all)` : '';
  return `unknown table '${name}'${near || `; the model has ${known.slice(0, listed).join(', ')}${more}`}`;
}
