import type { Parts } from './parts.ts';

/** Pieces to put on identical shards: what the search of `best` sees of a model. Arrays are by piece. */
export interface Instance extends Parts {
  timeS: Float64Array;
  sizeBytes: Float64Array;
  net: Int32Array;
  nets: number;
  shards: number;
  capacityBytes: number;
}

/**
 * Pieces on shards, with the time of every net and the bytes of every shard kept up to date.
 * Nets run in sequence and wait for their slowest shard, so the objective is the sum over nets of the
 * largest time of a shard.
 */
export class Assignment {
  readonly instance: Instance;
  readonly shardOf: Int32Array;
  /** Time of net n on shard s at [n × shards + s], in seconds. */
  readonly loadS: Float64Array;
  readonly usedBytes: Float64Array;
  /** Parts of split table t on shard s at [t × shards + s]. */
  readonly together: Int32Array;

  constructor(instance: Instance, shardOf: Int32Array) {
    this.instance = instance;
    this.shardOf = new Int32Array(instance.timeS.length);
    this.loadS = new Float64Array(instance.nets * instance.shards);
    this.usedBytes = new Float64Array(instance.shards);
    this.together = new Int32Array(instance.mostTogether.length * instance.shards);
    this.reset(shardOf);
  }

  /** Takes over another assignment; sums are rebuilt, so that rounding does not pile up. */
  reset(shardOf: Int32Array): void {
    const { timeS, sizeBytes, net, shards, splitOf } = this.instance;
    this.shardOf.set(shardOf);
    this.loadS.fill(0);
    this.usedBytes.fill(0);
    this.together.fill(0);
    for (let i = 0; i < shardOf.length; i++) {
      this.loadS[net[i] * shards + shardOf[i]] += timeS[i];
      this.usedBytes[shardOf[i]] += sizeBytes[i];
      if (splitOf[i] >= 0) this.together[splitOf[i] * shards + shardOf[i]]++;
    }
  }

  move(piece: number, to: number): void {
    const { timeS, sizeBytes, net, shards, splitOf } = this.instance;
    const from = this.shardOf[piece];
    const row = net[piece] * shards;
    this.loadS[row + from] -= timeS[piece];
    this.loadS[row + to] += timeS[piece];
    this.usedBytes[from] -= sizeBytes[piece];
    this.usedBytes[to] += sizeBytes[piece];
    this.shardOf[piece] = to;
    const split = splitOf[piece];
    if (split < 0) return;
    this.together[split * shards + from]--;
    this.together[split * shards + to]++;
  }

  /** Whether a shard stays within its memory after gaining some bytes (or losing: negative). */
  hasRoom(shard: number, bytes: number): boolean {
    return bytes <= 0 || this.usedBytes[shard] + bytes <= this.instance.capacityBytes;
  }

  /** Whether a shard may hold one more part of the table that a piece belongs to; always for whole tables. */
  spreads(piece: number, shard: number): boolean {
    const { splitOf, mostTogether, shards } = this.instance;
    const split = splitOf[piece];
    return split < 0 || this.together[split * shards + shard] < mostTogether[split];
  }

  /** Whether two pieces may change places without crowding parts of a table. */
  spreadsSwapped(a: number, b: number): boolean {
    const { splitOf } = this.instance;
    if (splitOf[a] === splitOf[b]) return true;
    return this.spreads(a, this.shardOf[b]) && this.spreads(b, this.shardOf[a]);
  }

  /** Whether it is within memory, with the parts of every table spread. */
  isValid(): boolean {
    const { capacityBytes, mostTogether, shards } = this.instance;
    return (
      this.usedBytes.every((bytes) => bytes <= capacityBytes) &&
      this.together.every((parts, index) => parts <= mostTogether[Math.floor(index / shards)])
    );
  }

  /** The shard on which a net takes longest. */
  boundingShard(net: number): number {
    const { shards } = this.instance;
    const start = net * shards;
    let slowest = 0;
    for (let s = 1; s < shards; s++) if (this.loadS[start + s] > this.loadS[start + slowest]) slowest = s;
    return slowest;
  }

  /** Sum over nets of the time of the bounding shard, in seconds. */
  objectiveS(): number {
    let sum = 0;
    for (let net = 0; net < this.instance.nets; net++) {
      sum += this.loadS[net * this.instance.shards + this.boundingShard(net)];
    }
    return sum;
  }
}
