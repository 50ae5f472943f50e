import type { Shape } from '../../hardware-profiles/operators-measured.ts';
import { addWork, type Work } from './amount-of-work.ts';
import { addTimes, type CallTimes } from './call-time.ts';
import type { CostErrors, OperatorTime, TableLookup } from './cost-errors.ts';
import { bodySeconds } from './rates.ts';
import { memoryReads } from './row-cache.ts';
import type { Correction, Surface } from './surface.ts';
import { type DeviceSurface, predict } from './surfaces.ts';
import { keptRows, type MemorySystem, pooledWork } from './work.ts';

/** Efficiencies are kept at this many pooling factors and numbers of bags a doubling. */
const perDoubling = 4;

/** Corrections that were worked out, by surface, kind of table and size: the same in every replication. */
const corrections = new WeakMap<Surface, Map<string, Map<number, Correction>>>();

/**
 * Lookups of several tables as one kernel. Its work is the sum of its tables' work, its latency that of one launch;
 * each table's efficiency is that of a table like it looked up with as many bags as the whole kernel has, since all
 * of them keep the device busy together.
 */
export class FusedLookup {
  private readonly times: CallTimes;
  private readonly errors: CostErrors;
  private readonly memory: MemorySystem;
  private readonly reads = new Map<string, (lookups: number) => number>();

  constructor(times: CallTimes, errors: CostErrors, memory: MemorySystem) {
    this.times = times;
    this.errors = errors;
    this.memory = memory;
  }

  /** @returns undefined when one of the tables has a type that was not measured */
  of(tables: readonly TableLookup[]): OperatorTime | undefined {
    const used = tables.filter(({ lookups, bags }) => lookups > 0 && bags > 0);
    const parts = new Map<string, { found: DeviceSurface; tables: TableLookup[] }>();
    for (const table of used) {
      const part = parts.get(table.dataType);
      if (part) {
        part.tables.push(table);
        continue;
      }
      const found = this.times.surface('embedding-bag', table.dataType);
      if (!found) return undefined;
      parts.set(table.dataType, { found, tables: [table] });
    }
    if (used.length === 0) return undefined;
    if (used.length === 1 && used[0].valueBytes === undefined)
      return this.single(parts.get(used[0].dataType)!.found, used[0]);
    const bags = used.reduce((sum, table) => sum + table.bags, 0);
    const bodies = [...parts.values()].map((part) => this.body(part.found, part.tables, bags));
    const time = addTimes(bodies);
    // One kernel starts once, whatever types it reads.
    const latencyS = Math.max(...[...parts.values()].map(({ found }) => found.rates.latencyS));
    return { ...time, seconds: time.seconds + latencyS };
  }

  /** What the tables together have to do; undefined as for `of`. */
  workOf(tables: readonly TableLookup[]): Work | undefined {
    const used = tables.filter(({ lookups, bags }) => lookups > 0 && bags > 0);
    const isKnown = ({ dataType }: TableLookup) =>
      this.times.surface('embedding-bag', dataType) !== undefined;
    if (used.length === 0 || !used.every(isKnown)) return undefined;
    return used.map((table) => this.work(table)).reduce(addWork);
  }

  private single(found: DeviceSurface, table: TableLookup): OperatorTime {
    const { seconds, logError, isMeasured } = predict(found, shapeOf(table, table.bags));
    const evidence = found.isTransferred ? 'transferred' : isMeasured ? 'measured' : 'fitted';
    return { seconds: seconds * this.errors(found.name, logError), evidence, logError };
  }

  /** The tables of one type, without the latency of the launch. */
  private body(found: DeviceSurface, tables: readonly TableLookup[], bags: number): OperatorTime {
    let total: Work | undefined;
    let weights = 0;
    let log = 0;
    let error = 0;
    for (const table of tables) {
      const work = this.work(table);
      const correction = this.correction(found, table, bags);
      const weight = work.bytes + work.rereadBytes;
      total = total ? addWork(total, work) : work;
      weights += weight;
      log += weight * correction.log;
      error += weight * correction.error;
    }
    const logError = Math.hypot(error / weights, found.extraError);
    const seconds = bodySeconds(total!, found.rates) * Math.exp(log / weights);
    return {
      seconds: seconds * this.errors(found.name, logError),
      evidence: found.isTransferred ? 'transferred' : 'fitted',
      logError,
    };
  }

  private work(table: TableLookup): Work {
    const { rows, skew, lookups, bags, dim, rowBytes, dataType } = table;
    const key = `${rows} ${rowBytes} ${skewExponent(table)}`;
    let reads = this.reads.get(key);
    if (!reads) {
      reads = memoryReads(skew, rows, keptRows(rowBytes, this.memory));
      this.reads.set(key, reads);
    }
    const valueBytes = table.valueBytes ?? (dataType === 'fp32' ? 4 : 2);
    return pooledWork({ lookups, bags, reads: reads(lookups), dim, rowBytes, valueBytes }, this.memory);
  }

  private correction(found: DeviceSurface, table: TableLookup, bags: number): Correction {
    // Models have hundreds of tables: those of about as many rows share what they are corrected by.
    const rows = 2 ** Math.round(Math.log2(table.rows));
    const key = `${rows} ${table.dim} ${skewExponent(table)}`;
    const known = corrections.get(found.surface) ?? new Map<string, Map<number, Correction>>();
    corrections.set(found.surface, known);
    const kept = known.get(key) ?? new Map<number, Correction>();
    known.set(key, kept);
    const pooling = Math.round(perDoubling * Math.log2(table.lookups / table.bags));
    const size = Math.round(perDoubling * Math.log2(bags));
    const at = pooling * 4096 + size;
    let correction = kept.get(at);
    if (!correction) {
      correction = found.surface.correction({
        ...shapeOf(table, 2 ** (size / perDoubling)),
        rows,
        pooling: 2 ** (pooling / perDoubling),
      });
      kept.set(at, correction);
    }
    return correction;
  }
}

function shapeOf(table: TableLookup, bags: number): Shape {
  const { rows, dim, lookups } = table;
  return { rows, dim, pooling: lookups / table.bags, bags, skew: skewExponent(table) };
}

function skewExponent({ skew }: TableLookup): number {
  return skew.kind === 'zipf' ? skew.exponent : 0;
}
