import type { RandomStream } from '../../foundation/random.ts';
import { SharedBandwidth } from './shared-bandwidth.ts';
import type { HostGroup } from './task-graph.ts';

/**
 * State of every pool and link of every replica, side by side in typed arrays. A pool of a replica is
 * `poolBase[group] + replica × pools of the group + pool`; links alike.
 */
export class Hosts {
  private readonly poolBase: Int32Array;
  private readonly poolStride: Int32Array;
  private readonly linkBase: Int32Array;
  private readonly linkStride: Int32Array;
  readonly free: Int32Array;
  readonly shared: (SharedBandwidth | undefined)[] = [];
  readonly secondsPerByte: Float64Array;
  /** When a link has passed on all that was given to it so far. */
  private readonly linkFreeAt: Float64Array;
  readonly linkBusyS: Float64Array;
  readonly linkBytes: Float64Array;
  readonly servers: Int32Array;
  private readonly busyArea: Float64Array;
  private readonly changedAt: Float64Array;
  private readonly replicaBase: Int32Array;
  private readonly outstanding: Int32Array;
  private readonly nextReplica: Int32Array;
  /** Replicas among which one is chosen: all of a group, or those of one entry host. */
  private readonly choices: Int32Array;
  private readonly random: RandomStream;
  private readonly groups: HostGroup[];

  constructor(groups: HostGroup[], random: RandomStream) {
    this.groups = groups;
    this.random = random;
    this.poolStride = Int32Array.from(groups, (group) => group.pools.length);
    this.linkStride = Int32Array.from(groups, (group) => group.links.length);
    this.poolBase = bases(groups, (group) => group.pools.length * group.replicas);
    this.linkBase = bases(groups, (group) => group.links.length * group.replicas);
    this.replicaBase = bases(groups, (group) => group.replicas);
    const pools = groups.flatMap((group) => repeat(group.pools, group.replicas));
    const links = groups.flatMap((group) => repeat(group.links, group.replicas));
    const replicas = groups.reduce((sum, group) => sum + group.replicas, 0);
    this.servers = Int32Array.from(pools, (pool) => pool.servers);
    this.free = this.servers.slice();
    this.shared = pools.map(({ shared, servers }) =>
      shared ? new SharedBandwidth(shared.unitsPerS, shared.unitsPerServerPerS, servers) : undefined,
    );
    this.busyArea = new Float64Array(pools.length);
    this.changedAt = new Float64Array(pools.length);
    this.secondsPerByte = Float64Array.from(links, (link) => 1 / link.bytesPerS);
    this.linkFreeAt = new Float64Array(links.length);
    this.linkBusyS = new Float64Array(links.length);
    this.linkBytes = new Float64Array(links.length);
    this.outstanding = new Int32Array(replicas);
    this.nextReplica = new Int32Array(replicas);
    this.choices = Int32Array.from(groups, ({ perEntryHost, replicas: all }) => perEntryHost ?? all);
  }

  poolAt(group: number, replica: number, pool: number): number {
    return this.poolBase[group] + replica * this.poolStride[group] + pool;
  }

  linkAt(group: number, replica: number, link: number): number {
    return this.linkBase[group] + replica * this.linkStride[group] + link;
  }

  /** Takes one server; there must be a free one. */
  acquire(pool: number, now: number): void {
    this.accrue(pool, now);
    this.free[pool]--;
  }

  release(pool: number, now: number): void {
    this.accrue(pool, now);
    this.free[pool]++;
  }

  private accrue(pool: number, now: number): void {
    this.busyArea[pool] += (this.servers[pool] - this.free[pool]) * (now - this.changedAt[pool]);
    this.changedAt[pool] = now;
  }

  /** Starts the measured window: utilisation counts from here. */
  resetAccounting(now: number): void {
    this.changedAt.fill(now);
    this.busyArea.fill(0);
    this.linkBusyS.fill(0);
    this.linkBytes.fill(0);
  }

  /** Server-seconds that a pool was busy since the window began. */
  busySeconds(pool: number, now: number): number {
    this.accrue(pool, now);
    return this.busyArea[pool];
  }

  /** Puts a message on a link, behind what it already carries; returns when it begins (s). */
  occupyLink(link: number, bytes: number, now: number): number {
    const begins = Math.max(this.linkFreeAt[link], now);
    const duration = bytes * this.secondsPerByte[link];
    this.linkFreeAt[link] = begins + duration;
    this.linkBusyS[link] += duration;
    this.linkBytes[link] += bytes;
    return begins;
  }

  /**
   * Chooses a replica of a group by its policy and counts it as outstanding work there.
   * @param host replica of the entry's group, which decides where the group belongs to its hosts
   */
  choose(group: number, host = 0): number {
    const choices = this.choices[group];
    const first = this.groups[group].perEntryHost === undefined ? 0 : host * choices;
    if (choices === 1) return first;
    const base = this.replicaBase[group] + first;
    const chosen = this.pick(this.groups[group].policy, choices, base);
    this.outstanding[base + chosen]++;
    return first + chosen;
  }

  /** The work that `choose` counted is done. */
  unchoose(group: number, replica: number): void {
    if (this.choices[group] > 1) this.outstanding[this.replicaBase[group] + replica]--;
  }

  /** One of the replicas from `base` on, counted from there. */
  private pick(policy: HostGroup['policy'], replicas: number, base: number): number {
    switch (policy) {
      case 'random':
        return this.random.below(replicas);
      case 'round-robin': {
        const replica = this.nextReplica[base];
        this.nextReplica[base] = (replica + 1) % replicas;
        return replica;
      }
      case 'least-outstanding':
        return this.leastOutstanding(base, replicas, this.random.below(replicas));
      case 'power-of-two': {
        const first = this.random.below(replicas);
        const second = (first + 1 + this.random.below(replicas - 1)) % replicas;
        return this.outstanding[base + second] < this.outstanding[base + first] ? second : first;
      }
    }
  }

  /** Scans from a random start, so that ties do not all go to the first replica. */
  private leastOutstanding(base: number, replicas: number, start: number): number {
    let best = start;
    for (let step = 1; step < replicas; step++) {
      const replica = (start + step) % replicas;
      if (this.outstanding[base + replica] < this.outstanding[base + best]) best = replica;
    }
    return best;
  }
}

function bases(groups: HostGroup[], size: (group: HostGroup) => number): Int32Array {
  let next = 0;
  return Int32Array.from(groups, (group) => {
    const base = next;
    next += size(group);
    return base;
  });
}

function repeat<Item>(items: Item[], times: number): Item[] {
  return Array.from({ length: times }, () => items).flat();
}
