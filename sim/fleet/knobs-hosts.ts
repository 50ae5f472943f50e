import { formatBytes, formatPercent, significant, withPrefix } from '../../foundation/units.ts';
import type { Host } from '../../hardware-profiles/profile.ts';
import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { gatherBandwidth } from '../cost/gather-bandwidth.ts';
import type { Component } from '../serving/components.ts';
import {
  type Acts,
  type Knob,
  type Question,
  scaleKnob,
  type TierName,
  times,
  type UnusedKnob,
  wholeKnob,
  wholeStep,
  withHost,
} from './knobs-knob.ts';
import { cacheShareInWords, dramFill, fillInWords } from './knobs-words.ts';

const coreComponents: Record<TierName, Component[]> = {
  main: ['dense', 'rpcSerialisation', 'rpcService', 'netOverhead'],
  sparse: ['shardSerialisation', 'shardService', 'shardNetOverhead'],
};

/** The hosts of one tier: how many, how fast, how much memory, at what price and power. */
export function hostKnobs(question: Question, tier: TierName): (Knob | UnusedKnob)[] {
  const knobs = new TierKnobs(question, tier).all();
  if (tier === 'main' || question.plan.placement.shards.length > 0) return knobs;
  const unused = 'no sparse shards: the main hosts have all tables';
  return knobs.map(({ id, name, kind }) => ({ id, name, kind, unused }));
}

class TierKnobs {
  private readonly plan: Question['plan'];
  private readonly arm: ArmDeployment;
  private readonly tier: TierName;
  private readonly host: Host;
  /** How resources of the tier begin. */
  private readonly group: string;
  /** Whether hosts of the tier read rows of their memory. */
  private readonly gathers: boolean;

  constructor({ plan }: Question, tier: TierName) {
    this.plan = plan;
    this.arm = plan.arm;
    this.tier = tier;
    this.host = plan.arm[tier].host;
    this.group = tier === 'main' ? 'main' : 'shard';
    const tablesElsewhere = (plan.arm.accelerated?.tables ?? 'host') !== 'host';
    const isServedByCores = !tablesElsewhere || plan.arm.serving.offload_threshold !== undefined;
    this.gathers = tier === 'sparse' || (plan.placement.shards.length === 0 && isServedByCores);
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
    const { arm, tier, plan, group } = this;
    const now = arm[tier].replicas;
    const counts = Array.isArray(now)
      ? now
      : plan.placement.shards.length > 0 || tier === 'main'
        ? [now]
        : [1];
    const words = (list: readonly number[]) =>
      new Set(list).size === 1
        ? `${list[0]} ${tier === 'main' ? '' : 'a shard'}`.trim()
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
          arm: { ...arm, [tier]: { ...arm[tier], replicas } } as ArmDeployment,
        };
      },
      acts: {
        resources: [`${group} `],
        components: [
          ...coreComponents[tier],
          ...(tier === 'main' ? (['queue'] as const) : (['shardQueue', 'sparse'] as const)),
        ],
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
        components: [...coreComponents[this.tier], ...(this.gathers ? (['sparse'] as const) : [])],
        resources: [`${this.group} cores`],
      },
    });
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
      now: arm[tier].workers,
      unit: 'a host',
      range: [1, 4096],
      set: (workers) => ({ ...arm, [tier]: { ...arm[tier], workers } }) as ArmDeployment,
      acts: {
        components: [tier === 'main' ? 'queue' : 'shardQueue'],
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
    const fill = dramFill(this.plan, this.tier);
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
        unnoticed: ({ placement }) =>
          placement.shards.length === 0 ? 'no message goes over it: there are no sparse shards' : undefined,
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
    const { arm, tier } = this;
    return {
      ...arm,
      [tier]: { ...arm[tier], speed: { cores: 1, memory: 1, ...arm[tier].speed, ...speed } },
    } as ArmDeployment;
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
