import { weakest } from '../../../foundation/evidence.ts';
import type { Device } from '../../../hardware-profiles/profile.ts';
import { addWork, type Work } from '../../cost/amount-of-work.ts';
import { addTimes, type CallTimes } from '../../cost/call-time.ts';
import type { CostErrors, OperatorTime, TableLookup } from '../../cost/cost-errors.ts';
import { bodySeconds } from '../../cost/rates.ts';
import { type DeviceSurface, predict, settingOf } from '../../cost/surfaces.ts';
import { type MemorySystem, operatorWork } from '../../cost/work.ts';

/**
 * Gradients of several tables' pooled vectors, summed by row and applied to the rows by row-wise Adagrad, as one
 * kernel. As in a fused lookup, work adds up, the latency is that of one launch, and each table's efficiency is that of
 * a table like it updated with as many bags as the whole kernel has.
 */
export class FusedUpdate {
  private readonly device: Device;
  private readonly times: CallTimes;
  private readonly errors: CostErrors;
  private readonly memory: MemorySystem;

  constructor(device: Device, times: CallTimes, errors: CostErrors) {
    this.device = device;
    this.times = times;
    this.errors = errors;
    this.memory = settingOf(device, 0).memory;
  }

  /** The measured time; by the device's bandwidth and its share of it that gathers reach where nothing was measured. */
  of(tables: readonly TableLookup[]): OperatorTime {
    const used = tables.filter(({ lookups, bags }) => lookups > 0 && bags > 0);
    if (used.length === 0) return { seconds: 0, evidence: 'measured', logError: 0 };
    const parts = new Map<DeviceSurface, TableLookup[]>();
    for (const table of used) {
      const found = this.times.surface('embedding-bag-backward', table.dataType);
      if (!found) return this.byBandwidth(used);
      parts.set(found, [...(parts.get(found) ?? []), table]);
    }
    if (used.length === 1 && !hasLongRows(used[0])) return this.single([...parts.keys()][0], used[0]);
    const bags = used.reduce((sum, table) => sum + table.bags, 0);
    const time = addTimes([...parts].map(([found, own]) => this.body(found, own, bags)));
    const latencyS = Math.max(...[...parts.keys()].map(({ rates }) => rates.latencyS));
    return { ...time, seconds: time.seconds + latencyS };
  }

  /** What that kernel does: rows and their moments read and written, gradients and indices read. */
  workOf(tables: readonly TableLookup[]): Work {
    const none: Work = { flops: 0, bytes: 0, rereadBytes: 0, depth: 0 };
    return tables
      .filter(({ lookups, bags }) => lookups > 0 && bags > 0)
      .map((table) => this.work(table))
      .reduce(addWork, none);
  }

  /**
   * Lookups in the order of their rows, which the kernel expects and no measurement of it holds: a radix sort of row and
   * place, 4 bytes each, by 8 bits a pass, then the beginnings of rows and the bag of each lookup. By the share of the
   * bandwidth that streams reach. [derived; least significant digit first, as sorting libraries of accelerators do]
   */
  sorted(tables: readonly TableLookup[]): { time: OperatorTime; bytes: number } {
    const used = tables.filter(({ lookups, bags }) => lookups > 0 && bags > 0);
    if (used.length === 0) return { time: { seconds: 0, evidence: 'measured', logError: 0 }, bytes: 0 };
    const { memory, efficiency, launchOverheadS } = this.device;
    const sum = (value: (table: TableLookup) => number) => used.reduce((all, table) => all + value(table), 0);
    const passes = Math.ceil(
      Math.log2(
        Math.max(
          2,
          sum(({ rows }) => rows),
        ),
      ) / 8,
    );
    const bytes =
      sum(({ lookups }) => lookups) * (sortedBytes.first + sortedBytes.pass * passes + sortedBytes.last);
    const seconds =
      (passes + 2) * launchOverheadS.value +
      bytes / (memory.bandwidthBytesPerS.value * efficiency.stream.value);
    const evidence = weakest(efficiency.stream.evidence, launchOverheadS.evidence);
    return { time: { seconds, evidence, logError: 0 }, bytes };
  }

  private single(found: DeviceSurface, table: TableLookup): OperatorTime {
    const { seconds, logError, isMeasured } = predict(found, shapeOf(table));
    const evidence = found.isTransferred ? 'transferred' : isMeasured ? 'measured' : 'fitted';
    return { seconds: seconds * this.errors(found.name, logError), evidence, logError };
  }

  private body(found: DeviceSurface, tables: readonly TableLookup[], bags: number): OperatorTime {
    let total: Work = { flops: 0, bytes: 0, rereadBytes: 0, depth: 0 };
    let weights = 0;
    let log = 0;
    let error = 0;
    for (const table of tables) {
      const work = this.work(table);
      const correction = found.surface.correction({ ...shapeOf(table), bags });
      const weight = work.bytes + work.rereadBytes;
      total = addWork(total, work);
      weights += weight;
      log += weight * correction.log;
      error += weight * correction.error;
    }
    const logError = Math.hypot(error / weights, found.extraError);
    const seconds = bodySeconds(total, found.rates) * Math.exp(log / weights);
    return {
      seconds: seconds * this.errors(found.name, logError),
      evidence: found.isTransferred ? 'transferred' : 'fitted',
      logError,
    };
  }

  private byBandwidth(tables: readonly TableLookup[]): OperatorTime {
    const { memory, efficiency, launchOverheadS } = this.device;
    const bytesPerS = memory.bandwidthBytesPerS.value * efficiency.gather.value;
    const { bytes } = this.workOf(tables);
    return {
      seconds: launchOverheadS.value + bytes / bytesPerS,
      evidence: efficiency.gather.evidence,
      logError: 0,
    };
  }

  private work(table: TableLookup): Work {
    const work = operatorWork('embedding-bag-backward', table.dataType, shapeOf(table), this.memory);
    return { ...work, depth: longestChain(work.depth) };
  }
}

/**
 * Bytes of a lookup that sorting moves: rows read once for the counts; row and place read and written in each pass; at
 * last the row read, its id and its beginning written, the place and its bag read, the bag written.
 */
const sortedBytes = { first: 4, pass: 16, last: 24 };

/** Lookups of a long row that one block sums. */
const segment = 256;

/** Lookups from which on a row is a long one. */
const longRow = 2 * segment;

/** Lookups of a row, or its segments' sums, that are added side by side. */
const sideBySide = 8;

/**
 * Sums that follow each other for a row with so many lookups. The kernel adds a short row's one by one; a long one's by
 * segments, all of them at once, and then the segments' sums. Without that a table of a few rows, each with the lookups
 * of thousands of examples, would be thought to take milliseconds. [derived from the kernel that is measured]
 */
function longestChain(lookups: number): number {
  if (lookups < longRow) return lookups;
  return (segment + lookups / segment) / sideBySide;
}

/** Whether rows have so many lookups on average as was measured of none. */
function hasLongRows({ rows, lookups }: TableLookup): boolean {
  return lookups / rows >= longRow;
}

function shapeOf({ rows, dim, lookups, bags, skew }: TableLookup) {
  const exponent = skew.kind === 'zipf' ? skew.exponent : 0;
  return { rows, dim, pooling: lookups / bags, bags, skew: exponent };
}
