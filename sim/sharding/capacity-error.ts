import { formatBytes, formatPercent } from '../../foundation/units.ts';
import type { Strategy } from './request.ts';

/** A change that makes the tables fit, verified by planning again with it. */
export type Remedy =
  | { kind: 'more-shards'; shards: number; strategy: Strategy }
  | { kind: 'bigger-host'; capacityBytesPerShard: number }
  | { kind: 'int8'; totalBytes: number }
  | { kind: 'int4'; totalBytes: number }
  | { kind: 'pruning'; share: number; totalBytes: number }
  | { kind: 'row-wise'; tables: string[] };

/** What does not fit, and where. */
export interface Shortage {
  strategy: Strategy;
  shards: number;
  capacityBytesPerShard: number;
  /** Size of all tables. */
  totalBytes: number;
  /**
   * What the shards lack together; where they have enough together, what tables exceed a shard by; else the
   * bytes left over by packing.
   */
  missingBytes: number;
  /** Pieces that no shard could hold even alone, by table. */
  tooLarge: { table: string; sizeBytes: number }[];
  remedies: Remedy[];
}

/** The tables do not fit the shards. A result rather than a fault: it says by how much and what would help. */
export class CapacityError extends Error {
  readonly shortage: Shortage;

  constructor(shortage: Shortage) {
    super(describe(shortage));
    this.name = 'CapacityError';
    this.shortage = shortage;
  }

  /** What is missing in total; see `Shortage`. */
  get missingBytes(): number {
    return this.shortage.missingBytes;
  }

  /** The same, spread over the shards. */
  get missingBytesPerShard(): number {
    return this.shortage.missingBytes / this.shortage.shards;
  }

  get remedies(): readonly Remedy[] {
    return this.shortage.remedies;
  }
}

/** Tables larger than a shard that a message names. */
const listed = 5;

function describe(shortage: Shortage): string {
  const { strategy, capacityBytesPerShard, totalBytes, tooLarge, remedies } = shortage;
  const limit = strategy === 'singular' ? 'than the host has for tables' : 'than a shard';
  const lines = [
    `the embedding tables do not fit: ${formatBytes(totalBytes)} of tables, ${strategy} ${where(shortage)}; ` +
      missing(shortage),
    ...tooLarge
      .slice(0, listed)
      .map(
        ({ table, sizeBytes }) =>
          `table '${table}' (${formatBytes(sizeBytes)}) is ${formatBytes(sizeBytes - capacityBytesPerShard)} ` +
          `larger ${limit}`,
      ),
    ...(tooLarge.length > listed ? [`and ${plural(tooLarge.length - listed, 'more table')}`] : []),
    ...remedies.map((remedy, index) => `  ${index + 1}. ${formatRemedy(remedy, shortage)}`),
  ];
  return lines.join('\n');
}

function where({ strategy, shards, capacityBytesPerShard }: Shortage): string {
  const room = formatBytes(capacityBytesPerShard);
  return strategy === 'singular'
    ? `on one host with ${room} for tables`
    : `over ${plural(shards, 'shard')} of ${room}`;
}

function missing({ shards, missingBytes }: Shortage): string {
  const perShard = shards > 1 ? ` (${formatBytes(missingBytes / shards)} per shard)` : '';
  return `${formatBytes(missingBytes)} missing${perShard}`;
}

/** A remedy in words, with its size. */
export function formatRemedy(remedy: Remedy, { shards, strategy, capacityBytesPerShard }: Shortage): string {
  switch (remedy.kind) {
    case 'more-shards': {
      if (strategy === 'singular') {
        const room = formatBytes(capacityBytesPerShard);
        return `sparse shards: ${remedy.shards} of ${room}, ${remedy.strategy}`;
      }
      const other = remedy.strategy === strategy ? '' : `, ${remedy.strategy}`;
      return `more shards: ${remedy.shards} instead of ${shards}${other}`;
    }
    case 'bigger-host': {
      const room = `${formatBytes(remedy.capacityBytesPerShard)} for tables`;
      return strategy === 'singular' ? `a bigger host: ${room}` : `bigger hosts: ${room} on each shard`;
    }
    case 'pruning':
      return (
        `pruned rows: without the coldest ${formatPercent(remedy.share)} of every table's rows, ` +
        `${formatBytes(remedy.totalBytes)} of tables in total; accuracy is not modelled`
      );
    case 'row-wise':
      return `split row-wise: ${remedy.tables.join(', ')}`;
    default:
      return `${remedy.kind} rows: ${formatBytes(remedy.totalBytes)} of tables in total`;
  }
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
