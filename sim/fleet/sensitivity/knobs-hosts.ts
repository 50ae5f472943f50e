import { formatBytes, formatPercent, significant, withPrefix } from '../../../foundation/units.ts';
import type { Host } from '../../../hardware-profiles/profile.ts';
import type { ArmDeployment, Tier } from '../../../scenarios/deployment.ts';
import { gatherBandwidth } from '../../cost/gather-bandwidth.ts';
import type { Component } from '../../serving/components.ts';
import {
  type Acts,
  type Knob,
  type Question,
  scaleKnob,
  type TierName,
  tierNamed,
  times,
  type UnusedKnob,
  wholeKnob,
  wholeStep,
  withHost,
  withTier,
} from './knobs-knob.ts';
import { cacheShareInWords, dramFill, fillInWords } from './knobs-words.ts';

const coreComponents: Record<TierName, Component[]> = {
  main: ['dense', 'rpcSerialisation', 'rpcService', 'netOverhead'],
  sparse: ['shardSerialisation', 'shardService', 'shardNetOverhead'],
  preprocessing: ['preprocessing', 'tierSerialisation', 'tierService'],
};

const queueComponents: Record<TierName, Component[]> = {
  main: ['queue'],
  sparse: ['shardQueue', 'sparse'],
  preprocessing: ['tierQueue'],
};

const missing: Record<TierName, string> = {
  main: 'no main hosts',
  sparse: 'no sparse shards: the main hosts have all tables',
  preprocessing: 'no hosts preprocess in front of the main ones',
};

/** The hosts of one tier: how many, how fast, how much memory, at what price and power. */
export function hostKnobs(question: Question, name: TierName): (Knob | UnusedKnob)[] {
  const { arm, placement } = question.plan;
  const tier = tierNamed(arm, name);
  const knobs = new TierKnobs(question, name, tier ?? arm.main).all();
  const isUsed = tier !== undefined && (name !== 'sparse' || placement.shards.length > 0);
  return isUsed
    ? knobs
    : knobs.map((knob) => ({ id: knob.id, name: knob.name, kind: knob.kind, unused: missing[name] }));
}

class TierKnobs {
  private readonly plan: Question['plan'];
  private readonly arm: ArmDeployment;
  private readonly tier: TierName;
  private readonly host: Host;
  private readonly workersNow: number;
  private readonly replicasNow: number | number[];
  /** How resources of the tier begin. */
  private readonly group: string;
  /** Whether hosts of the tier read rows of their memory. */
  private readonly gathers: boolean;

  constructor(
    { plan }: Question,
    tier: TierName,
    { host, workers, replicas }: Tier & { replicas: number | number[] },
  ) {
    this.plan = plan;
    this.arm = plan.arm;
    this.tier = tier;
    this.host = host;
    this.workersNow = workers;
    this.replicasNow = replicas;
    this.group = tier === 'sparse' ? 'shard' : tier;
    const tablesElsewhere = (plan.arm.accelerated?.tables ?? 'host') !== 'host';
    const isServedByCores = !tablesElsewhere || plan.arm.serving.offload_threshold !== undefined;
    this.gathers =
      tier === 'sparse' || (tier === 'main' && plan.placement.shards.length === 0 && isServedByCores);
  }

  all(): (Knob | UnusedKnob)[] {
    return [
      this.replicas(),
      this.cpuSpeed(),
      this.workers(),
      this.memoryBandwidth(),
      this.cache(),
      this.dram(),
      this.nic(),
      this.price(),
      this.power(),
    ];
  }

  private known(id: string, what: string): { id: string; name: string; kind: 'hosts' } {
    return { id: `${this.tier}.${id}`, name: `${what}, ${this.tier} hosts`, kind: 'hosts' };
  }

  private replicas(): Knob {
    const { arm, tier, group, replicasNow: now } = this;
    const counts = Array.isArray(now) ? now : [now];
    const words = (list: readonly number[]) =>
      new Set(list).size === 1
        ? `${list[0]} ${tier === 'sparse' ? 'a shard' : ''}`.trim()
        : `${Math.min(...list)} to ${Math.max(...list)} a shard`;
    return {
      ...this.known('replicas', 'number of'),
      name: `number of ${tier} hosts`,
      value: words(counts),
      turn: (factor) => {
        const next = counts.map((count) => wholeStep(count, factor, [1, 10_000]));
        if (next.some((count) => count === undefined)) {
          return { cannot: `${words(counts)}: none can be left out` };
        }
        const replicas = Array.isArray(now) ? (next as number[]) : next[0]!;
        return {
          value: words(next as number[]),
          arm: withTier(arm, tier, { replicas }),
        };
      },
      acts: {
        resources: [`${group} `],
        components: [...coreComponents[tier], ...queueComponents[tier]],
      },
    };
  }

  private cpuSpeed(): Knob {
    const { host } = this;
    return scaleKnob({
      ...this.known('cpu', 'CPU speed'),
      now: 1,
      words: (value) => {
        const clock = host.cpu.clockHz;
        return clock ? `as at ${withPrefix(clock.value * value)}Hz` : `× ${significant(value)}`;
      },
      set: (factor) => this.withSpeed({ cores: factor }),
      acts: {
        components: this.cpuComponents(),
        resources: [`${this.group} cores`],
      },
    });
  }

  private cpuComponents(): Component[] {
    const { tier, arm } = this;
    const toTier: Component[] =
      tier !== 'main' || !arm.preprocessing
        ? []
        : arm.preprocessing.tier
          ? ['tierSerialisation', 'tierService']
          : ['preprocessing'];
    return [...coreComponents[tier], ...(this.gathers ? (['sparse'] as const) : []), ...toTier];
  }

  private memoryBandwidth(): Knob | UnusedKnob {
    const known = this.known('memory', 'memory bandwidth');
    if (!this.gathers) return { ...known, unused: 'these hosts read no rows of tables from their memory' };
    return scaleKnob({
      ...known,
      now: gatherBandwidth(this.host.cpu).socketBytesPerS * this.host.sockets.value,
      words: (value) => `${formatBytes(value)}/s of rows`,
      set: (factor) => this.withSpeed({ memory: factor }),
      acts: { components: ['sparse'], resources: [], hiddenBy: 'caches serve the rows' },
    });
  }

  private workers(): Knob {
    const { arm, tier } = this;
    return wholeKnob({
      ...this.known('workers', 'worker threads'),
      now: this.workersNow,
      unit: 'a host',
      range: [1, 4096],
      set: (workers) => withTier(arm, tier, { workers }),
      acts: {
        components: queueComponents[tier].slice(0, 1),
        resources: [`${this.group} cores`],
        cutsBothWays: true,
        hiddenBy: 'there are always idle cores',
      },
    });
  }

  private cache(): Knob | UnusedKnob {
    const known = this.known('cache', 'CPU cache');
    if (!this.gathers) return { ...known, unused: 'these hosts read no rows of tables' };
    return this.figure(known, {
      now: this.host.cpu.cacheBytes.value,
      words: (bytes) => `${formatBytes(bytes)} a socket`,
      change: (host, factor) => ({
        ...host,
        cpu: { ...host.cpu, variationOf: host.cpu, cacheBytes: times(host.cpu.cacheBytes, factor) },
      }),
      changes: 'caches',
      acts: { components: ['sparse'], unnoticed: cacheShareInWords },
    });
  }

  private dram(): Knob | UnusedKnob {
    const known = this.known('dram', 'DRAM');
    const fill = this.tier === 'preprocessing' ? undefined : dramFill(this.plan, this.tier);
    if (!fill) return { ...known, unused: 'these hosts have no tables in their memory' };
    return this.figure(known, {
      now: this.host.dramBytes.value,
      words: formatBytes,
      change: (host, factor) => ({ ...host, dramBytes: times(host.dramBytes, factor) }),
      changes: 'placement',
      acts: {
        unnoticed: () => `${fillInWords(fill)}; ${fewestInWords(fill, this.plan.placement.shards.length)}`,
      },
    });
  }

  private nic(): Knob {
    return this.figure(this.known('nic', 'NIC bandwidth'), {
      now: this.host.nicBytesPerS.value,
      words: (value) => `${withPrefix(value * 8)}bit/s`,
      change: (host, factor) => ({ ...host, nicBytesPerS: times(host.nicBytesPerS, factor) }),
      acts: {
        isTransfer: true,
        resources: [`${this.group} NIC`],
        unnoticed: ({ placement, arm }) =>
          placement.shards.length === 0 && !arm.preprocessing?.tier
            ? 'no message goes over it: there are no hosts before or behind these'
            : undefined,
      },
    });
  }

  private price(): Knob {
    return this.figure(this.known('price', 'price'), {
      now: this.host.pricePerHourUsd.value,
      words: (value) => `${significant(value)} $/h`,
      change: (host, factor) => ({ ...host, pricePerHourUsd: times(host.pricePerHourUsd, factor) }),
      isUnseen: true,
      acts: {},
    });
  }

  private power(): Knob {
    return this.figure(this.known('power', 'power'), {
      now: this.host.powerBusyW.value,
      words: (value) => `${significant(value)} W busy`,
      change: (host, factor) => ({
        ...host,
        powerIdleW: times(host.powerIdleW, factor),
        powerBusyW: times(host.powerBusyW, factor),
      }),
      isUnseen: true,
      acts: {},
    });
  }

  private figure(
    known: Pick<Knob, 'id' | 'name' | 'kind'>,
    of: {
      now: number;
      words(value: number): string;
      change(host: Host, factor: number): Host;
      changes?: Knob['changes'];
      isUnseen?: boolean;
      acts: Acts;
    },
  ): Knob {
    const { change, ...rest } = of;
    return scaleKnob({
      ...known,
      ...rest,
      set: (factor) => withHost(this.arm, this.tier, (host) => change(host, factor)),
    });
  }

  private withSpeed(speed: Partial<NonNullable<ArmDeployment['main']['speed']>>): ArmDeployment {
    const now = tierNamed(this.arm, this.tier)?.speed;
    return withTier(this.arm, this.tier, { speed: { cores: 1, memory: 1, ...now, ...speed } });
  }
}

function fewestInWords(
  { usedBytes, capacityBytes }: { usedBytes: number; capacityBytes: number },
  shards: number,
): string {
  if (shards === 0) return `${formatPercent(usedBytes / capacityBytes)} of it would do`;
  const fewest = Math.max(1, Math.ceil((shards * usedBytes) / capacityBytes));
  return `${fewest} of ${shards} shards would do for size`;
}
