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
    if (used.length === 1) return this.single([...parts.keys()][0], used[0]);
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
    return operatorWork('embedding-bag-backward', table.dataType, shapeOf(table), this.memory);
  }
}

function shapeOf({ rows, dim, lookups, bags, skew }: TableLookup) {
  const exponent = skew.kind === 'zipf' ? skew.exponent : 0;
  return { rows, dim, pooling: lookups / bags, bags, skew: exponent };
}
