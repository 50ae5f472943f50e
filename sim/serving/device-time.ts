import type { ArmDeployment } from '../../scenarios/deployment.ts';
import type { AcceleratorUnit } from '../cost/cost-unit.ts';
import { type Piece, tablesOf } from '../sharding/placement.ts';
import type { BatchTotals } from './batch-totals.ts';
import { DenseTime } from './dense-time.ts';
import { type HeldTables, heldTables, lookupsOf, remapsOf } from './held-tables.ts';
import { type PreprocessingWork, workOnMain } from './preprocessing-work.ts';
import { TimeBySize } from './time-by-size.ts';

/** Bytes on the host link: indices and lengths as kernels read them, dense features, scores. */
const indexBytes = 4;
const lengthBytes = 4;
const featureBytes = 4;
const scoreBytes = 4;

/**
 * Lookups of a batch over their mean: priced at so many points to a doubling, between which the price is nearly
 * linear. A batch of fixed pooling factors is at 1, one of those points.
 */
const pointsPerOctave = 2;
const leastShare = 1 / 16;

/** Seconds of each stage of a batch whose tables lie on accelerators. */
export interface DeviceStages {
  copyIn: number;
  preprocess: number;
  misses: number;
  dense: number;
  sparse: number;
  exchange: number;
  copyOut: number;
}

/** The tables of a net on one accelerator, with what is known of their price. */
interface PricedTables extends HeldTables {
  /** Seconds by point of the lookups. */
  known: Map<number, TimeBySize>;
}

/**
 * Time of a batch on the accelerators that serve it together, by stage: one accelerator, or all that tables are
 * sharded over. These work in lockstep, so the slowest decides each stage.
 */
export class DeviceTime {
  private readonly unit: AcceleratorUnit;
  /** By bytes. */
  private readonly copyIn: TimeBySize;
  private readonly copyOut: TimeBySize;
  private readonly exchange: TimeBySize;
  /** Accelerators that serve a batch together. */
  private readonly holders: number;
  private readonly dense: DenseTime[];
  /** By net × holders + holder. */
  private readonly held: PricedTables[];
  private readonly features: number;
  /** Tables of each holder whose bags differ in length, user level and candidate level, side by side. */
  private readonly ragged: Float64Array;
  private readonly dependsOnUsers: boolean;
  /** Where the accelerators preprocess. */
  private readonly preprocessing: PreprocessingWork | undefined;
  private readonly stages: DeviceStages = {
    copyIn: 0,
    preprocess: 0,
    misses: 0,
    dense: 0,
    sparse: 0,
    exchange: 0,
    copyOut: 0,
  };

  /** @param pieces by accelerator: one where each has the tables for itself, else all that share them */
  constructor(arm: ArmDeployment, pieces: readonly Piece[][], unit: AcceleratorUnit) {
    const tables = tablesOf(arm.model);
    const { nets } = arm.model;
    this.unit = unit;
    this.holders = pieces.length;
    this.copyIn = new TimeBySize((_, bytes) => unit.copyIn(bytes).seconds);
    this.copyOut = new TimeBySize((_, bytes) => unit.copyOut(bytes).seconds);
    this.exchange = new TimeBySize((_, bytes) => unit.allToAll(pieces.length, bytes).seconds);
    this.dense = nets.map(({ operators }) => new DenseTime(operators, unit));
    this.features = nets.reduce((sum, { denseFeatures }) => sum + denseFeatures, 0);
    this.preprocessing = workOnMain(arm, unit);
    this.dependsOnUsers = tables.some(({ table }) => table.level === 'user');
    this.held = nets.flatMap((_, net) =>
      pieces.map((list) => ({
        ...heldTables(
          list.filter(({ table }) => tables[table].net === net),
          tables,
          arm.poolingScale,
        ),
        known: new Map(),
      })),
    );
    this.ragged = new Float64Array(2 * pieces.length);
    pieces.forEach((list, holder) => {
      for (const { table: index } of list) {
        const { table } = tables[index];
        const isFixed = table.poolingDistribution.kind === 'fixed' && table.presence === 1;
        if (!isFixed) this.ragged[2 * holder + (table.level === 'user' ? 0 : 1)]++;
      }
    });
  }

  /** The stages of a batch; the object is reused by the next call. */
  of(totals: BatchTotals): DeviceStages {
    const { stages, holders } = this;
    const users = Math.ceil(totals.users / holders);
    const candidates = Math.ceil(totals.candidates / holders);
    stages.dense = 0;
    for (const dense of this.dense) stages.dense += dense.of(users, candidates);
    stages.sparse = 0;
    stages.exchange = 0;
    for (let first = 0; first < this.held.length; first += holders) {
      let slowest = 0;
      let mostBytes = 0;
      for (let group = first; group < first + holders; group++) {
        slowest = Math.max(slowest, this.lookupSeconds(group, totals));
        mostBytes = Math.max(mostBytes, totals.values[group]);
      }
      stages.sparse += slowest;
      if (holders > 1) stages.exchange += this.exchange.of(1, mostBytes);
    }
    const missed = totals.dramBytes.reduce((sum, bytes) => sum + bytes, 0);
    stages.misses = missed > 0 ? this.copyIn.of(1, missed) : 0;
    stages.preprocess = this.preprocessing?.seconds(users, candidates) ?? 0;
    stages.copyIn = this.copyIn.of(1, this.inputBytes(totals, users, candidates));
    stages.copyOut = this.copyOut.of(1, candidates * scoreBytes);
    return stages;
  }

  /**
   * Bytes that the accelerator with most of them is sent: its part of the features, the indices of its tables. Where it
   * preprocesses, raw features take the place of what it makes of them.
   * @param users of the batch that this accelerator runs dense operators for, as `candidates`
   */
  inputBytes(
    totals: Pick<BatchTotals, 'users' | 'candidates' | 'rows'>,
    users: number,
    candidates: number,
  ): number {
    const { holders, held, ragged } = this;
    let most = 0;
    for (let holder = 0; holder < holders; holder++) {
      let indices = 0;
      for (let group = holder; group < held.length; group += holders) indices += totals.rows[group];
      const lengths = totals.users * ragged[2 * holder] + totals.candidates * ragged[2 * holder + 1];
      most = Math.max(most, indices * indexBytes + lengths * lengthBytes);
    }
    const ready = most + candidates * this.features * featureBytes;
    if (!this.preprocessing) return ready;
    const raw = this.preprocessing.inputBytes(users, candidates);
    return raw + Math.max(0, ready - this.preprocessing.outputBytes(users, candidates));
  }

  private lookupSeconds(group: number, totals: BatchTotals): number {
    const held = this.held[group];
    if (held.tables.length === 0) return 0;
    const users = this.dependsOnUsers ? totals.users : 1;
    const { candidates } = totals;
    let expected = 0;
    for (let at = 0; at < held.tables.length; at++) {
      expected += users * held.perUser[at] + candidates * held.perCandidate[at];
    }
    const share = expected > 0 ? Math.max(leastShare, totals.rows[group] / expected) : 1;
    const point = Math.round(pointsPerOctave * Math.log2(share) * 1e6) / 1e6;
    const low = Math.floor(point);
    const atLow = this.lookupsAt(held, low).of(users, candidates);
    if (point === low) return atLow;
    const [from, to] = [shareAt(low), shareAt(low + 1)];
    const atHigh = this.lookupsAt(held, low + 1).of(users, candidates);
    return atLow + ((share - from) / (to - from)) * (atHigh - atLow);
  }

  /** Seconds where lookups are at a point of their row of shares. */
  private lookupsAt(held: PricedTables, point: number): TimeBySize {
    let seconds = held.known.get(point);
    if (!seconds) {
      seconds = new TimeBySize((users, candidates) => this.lookupOf(held, users, candidates, shareAt(point)));
      held.known.set(point, seconds);
    }
    return seconds;
  }

  /** Lookups of all tables as one kernel; where some were pruned, after another that reads their remap vectors. */
  private lookupOf(held: HeldTables, users: number, candidates: number, share: number): number {
    const { seconds } = this.unit.lookup(lookupsOf(held, users, candidates, share));
    if (held.remaps.length === 0) return seconds;
    return seconds + this.unit.lookup(remapsOf(held, users, candidates, share)).seconds;
  }
}

function shareAt(point: number): number {
  return 2 ** (point / pointsPerOctave);
}
