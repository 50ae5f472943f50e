import { formatBytes, formatTime, withPrefix } from '../../../foundation/units.ts';
import type { Device, Host } from '../../../hardware-profiles/profile.ts';
import type { AcceleratedServing, ArmDeployment } from '../../../scenarios/deployment.ts';
import {
  type Acts,
  type Knob,
  type Question,
  scaleKnob,
  times,
  type UnusedKnob,
  wholeKnob,
  withHost,
} from './knobs-knob.ts';
import { acceleratorFill, fillInWords } from './knobs-words.ts';

type Accelerators = NonNullable<Host['accelerators']>;

const names = {
  'acc.flops': 'accelerator peak FLOP/s',
  'acc.memory-bandwidth': 'accelerator memory bandwidth',
  'acc.launch': 'accelerator launch overhead',
  'acc.host-link': 'host link bandwidth',
  'acc.peer-link': 'link between accelerators',
  'acc.streams': 'streams per accelerator',
  'acc.used': 'accelerators per main host',
  'acc.memory': 'accelerator memory',
  'acc.row-cache': 'cache of rows on accelerators',
  'acc.cache': 'on-chip cache of accelerators',
} as const;

type Id = keyof typeof names;

/** The accelerators of the main hosts. */
export function acceleratorKnobs(question: Question): (Knob | UnusedKnob)[] {
  const { arm } = question.plan;
  const unusedKnob = (id: Id, unused: string): UnusedKnob => ({
    id,
    name: names[id],
    kind: 'accelerators',
    unused,
  });
  if (!arm.accelerated || !arm.main.host.accelerators) {
    const why = arm.main.host.accelerators ? 'its accelerators serve nothing' : 'no accelerators';
    return (Object.keys(names) as Id[]).map((id) => unusedKnob(id, why));
  }
  const { tables } = arm.accelerated;
  const all = new AcceleratorKnobs(question, arm.accelerated, arm.main.host.accelerators);
  return [
    ...all.rates(),
    all.hostLink(),
    tables === 'sharded' ? all.peerLink() : unusedKnob('acc.peer-link', 'accelerators exchange nothing'),
    all.streams(),
    all.used(),
    tables === 'host' ? unusedKnob('acc.memory', 'tables are in host memory') : all.memory(),
    tables === 'cached' && arm.accelerated.cacheBytes !== undefined
      ? all.rowCache(arm.accelerated.cacheBytes)
      : unusedKnob(
          'acc.row-cache',
          tables === 'cached' ? 'it takes all memory that is free' : 'no rows are cached there',
        ),
    tables === 'host' ? unusedKnob('acc.cache', 'accelerators look up no rows') : all.cache(),
  ];
}

const onUnit: Acts['components'] = ['dense', 'sparse', 'exchange'];

class AcceleratorKnobs {
  private readonly question: Question;
  private readonly arm: ArmDeployment;
  private readonly serving: AcceleratedServing;
  private readonly accelerators: Accelerators;

  constructor(question: Question, serving: AcceleratedServing, accelerators: Accelerators) {
    this.question = question;
    this.arm = question.plan.arm;
    this.serving = serving;
    this.accelerators = accelerators;
  }

  /** What decides how long a kernel takes: each may hide behind the other two. */
  rates(): Knob[] {
    const { device } = this.accelerators;
    const peak = Math.max(...Object.values(device.peakFlopPerS).map(({ value }) => value));
    const resources = ['main accelerators'];
    return [
      this.device('acc.flops', {
        now: peak,
        words: (value) => `${withPrefix(value)}FLOP/s at most`,
        change: (of, factor) => ({
          peakFlopPerS: Object.fromEntries(
            Object.entries(of.peakFlopPerS).map(([type, figure]) => [type, times(figure, factor)]),
          ),
        }),
        acts: {
          components: onUnit!,
          resources,
          hiddenBy: 'operators are bound by launches and memory, not by arithmetic',
        },
      }),
      this.device('acc.memory-bandwidth', {
        now: device.memory.bandwidthBytesPerS.value,
        words: (value) => `${formatBytes(value)}/s`,
        change: ({ memory }, factor) => ({
          memory: { ...memory, bandwidthBytesPerS: times(memory.bandwidthBytesPerS, factor) },
        }),
        acts: {
          components: onUnit!,
          resources,
          hiddenBy: 'operators are bound by launches and arithmetic, not by memory',
        },
      }),
      this.device('acc.launch', {
        now: device.launchOverheadS.value,
        words: formatTime,
        change: ({ launchOverheadS }, factor) => ({ launchOverheadS: times(launchOverheadS, factor) }),
        acts: {
          components: [...onUnit!, 'copy'],
          resources,
          hiddenBy: 'launches are short beside the work of operators',
        },
      }),
    ];
  }

  hostLink(): Knob {
    return this.link('acc.host-link', 'hostLinkBytesPerS', 'host', {
      components: ['copy'],
      resources: ['main host link'],
      hiddenBy: 'copies are small: their latency, not the link, decides',
    });
  }

  peerLink(): Knob {
    return this.link('acc.peer-link', 'peerLinkBytesPerS', 'peer', {
      components: ['exchange'],
      hiddenBy: 'exchanges are small: their latency, not the link, decides',
    });
  }

  streams(): Knob {
    const { arm, serving } = this;
    return wholeKnob({
      id: 'acc.streams',
      name: names['acc.streams'],
      kind: 'accelerators',
      now: serving.streams,
      unit: 'batches',
      range: [1, 1024],
      set: (streams) => ({ ...arm, accelerated: { ...serving, streams } }),
      acts: {
        components: ['queue', 'batching'],
        resources: ['main streams'],
        cutsBothWays: true,
        hiddenBy: 'batches seldom wait for a stream',
      },
    });
  }

  used(): Knob {
    const { arm, serving, accelerators } = this;
    return wholeKnob({
      id: 'acc.used',
      name: names['acc.used'],
      kind: 'accelerators',
      now: serving.used,
      unit: 'a host',
      range: [1, accelerators.count.value],
      set: (used) => ({ ...arm, accelerated: { ...serving, used } }),
      changes: 'placement',
      acts: {
        components: ['queue', 'batching', ...onUnit!],
        resources: ['main accelerators', 'main streams'],
        hiddenBy: 'accelerators are seldom all busy',
      },
    });
  }

  memory(): Knob {
    const fill = acceleratorFill(this.question.plan);
    const { device } = this.question.plan;
    const { cacheBytes } = this.serving;
    return this.device('acc.memory', {
      now: this.accelerators.device.memory.capacityBytes.value,
      words: formatBytes,
      change: ({ memory }, factor) => ({
        memory: { ...memory, capacityBytes: times(memory.capacityBytes, factor) },
      }),
      changes: 'placement',
      acts: {
        components: ['copy'],
        unnoticed: () => {
          if (fill) return fillInWords(fill);
          if (cacheBytes !== undefined) return `its cache of rows stays at ${formatBytes(cacheBytes)}`;
          return device?.cache && device.cache.hitShare > 0.999
            ? 'the cache has every row already'
            : undefined;
        },
      },
    });
  }

  rowCache(now: number): Knob {
    const { arm, serving } = this;
    return scaleKnob({
      id: 'acc.row-cache',
      name: names['acc.row-cache'],
      kind: 'accelerators',
      now,
      words: formatBytes,
      set: (factor) => ({ ...arm, accelerated: { ...serving, cacheBytes: now * factor } }),
      changes: 'caches',
      acts: {
        components: ['copy'],
        resources: ['main host link'],
        hiddenBy: 'the rows at its edge are seldom read',
      },
    });
  }

  cache(): Knob {
    return this.device('acc.cache', {
      now: this.accelerators.device.cacheBytes.value,
      words: formatBytes,
      change: ({ cacheBytes }, factor) => ({ cacheBytes: times(cacheBytes, factor) }),
      acts: {
        components: ['sparse'],
        hiddenBy: 'the rows at its edge are seldom read',
        unnoticed: ({ arm }) => {
          const { device } = arm.main.host.accelerators!;
          return device.measured || device.calibratedLike
            ? undefined
            : 'this device was not measured, and the roofline knows no cache';
        },
      },
    });
  }

  private link(
    id: Id,
    field: 'hostLinkBytesPerS' | 'peerLinkBytesPerS',
    end: 'host' | 'peer',
    acts: Acts,
  ): Knob {
    return scaleKnob({
      id,
      name: names[id],
      kind: 'accelerators',
      now: this.accelerators[field].value,
      words: (value) => `${formatBytes(value)}/s each way`,
      set: (factor) =>
        this.withAccelerators((of) => ({
          ...of,
          [field]: times(of[field], factor),
          linkSpeed: { host: 1, peer: 1, ...of.linkSpeed, [end]: (of.linkSpeed?.[end] ?? 1) * factor },
        })),
      acts,
    });
  }

  private device(
    id: Id,
    of: {
      now: number;
      words(value: number): string;
      change(device: Device, factor: number): Partial<Device>;
      changes?: Knob['changes'];
      acts: Acts;
    },
  ): Knob {
    const { change, ...rest } = of;
    return scaleKnob({
      id,
      name: names[id],
      kind: 'accelerators',
      ...rest,
      set: (factor) =>
        this.withAccelerators((all) => ({
          ...all,
          device: {
            ...all.device,
            variationOf: all.device.variationOf ?? all.device,
            ...change(all.device, factor),
          },
        })),
    });
  }

  private withAccelerators(change: (accelerators: Accelerators) => Accelerators): ArmDeployment {
    return withHost(this.arm, 'main', (host) => ({ ...host, accelerators: change(host.accelerators!) }));
  }
}
