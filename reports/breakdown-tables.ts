import { type ArmResult, embeddedComponents, type Measured, type Result } from '../sim/result.ts';
import { timeUnit } from './numbers.ts';
import { textTable } from './text-table.ts';

type Parts = Measured['breakdownS']['typical'];
type Part = [title: string, seconds: (parts: Parts) => number];

const embeddedWait = (parts: Parts) => embeddedComponents.reduce((sum, key) => sum + parts[key], 0);

const mainStack: Part[] = [
  ['total', (parts) => Object.values(parts).reduce((sum, value) => sum + value, 0)],
  ['dense', (parts) => parts.dense],
  ['embedded wait', embeddedWait],
  ['RPC serialisation', (parts) => parts.rpcSerialisation],
  ['RPC service', (parts) => parts.rpcService],
  ['net overhead', (parts) => parts.netOverhead],
];

const coreQueue: Part = ['core queue', (parts) => parts.queue];

/** Where accelerators serve, what waits for streams, links and accelerators is in the queue as well. */
const anyQueue: Part = ['queue', (parts) => parts.queue];

/** Parts that only some arms have: shown where one of them is above zero. */
const sometimes: Part[] = [
  ['batching', (parts) => parts.batching],
  ['copies', (parts) => parts.copy],
  ['exchange', (parts) => parts.exchange],
  ['preprocessing', (parts) => parts.preprocessing],
];

/** What a tier in front of the main hosts adds to a request, its preprocessing apart. */
const inFront = (parts: Parts) =>
  parts.tierQueue + parts.tierSerialisation + parts.tierService + parts.tierNetwork + parts.tierOverhead;

const tierStack: Part[] = [
  ['tier in front', inFront],
  ['core queue', (parts) => parts.tierQueue],
  ['serialisation', (parts) => parts.tierSerialisation],
  ['service', (parts) => parts.tierService],
  ['network', (parts) => parts.tierNetwork],
  ['overhead', (parts) => parts.tierOverhead],
];

const shardStack: Part[] = [
  ['embedded wait', embeddedWait],
  ['network', (parts) => parts.network],
  ['sparse operators', (parts) => parts.sparse],
  ['serialisation', (parts) => parts.shardSerialisation],
  ['service', (parts) => parts.shardService],
  ['net overhead', (parts) => parts.shardNetOverhead],
  ['core queue', (parts) => parts.shardQueue],
];

const regions = [
  ['typical request (p40–p60)', 'typical'],
  ['slowest 1 % of requests', 'tail'],
] as const;

/** The latency stacks of each arm, for a typical request and for the tail. The parts of a line add up. */
export function breakdownTables({ arms }: Result): string[] {
  const measured = arms.filter((arm) => arm.measured);
  if (measured.length === 0) return [];
  return regions.flatMap(([title, region]) => {
    const rows = measured.map((arm) => ({ arm, parts: arm.measured!.breakdownS[region] }));
    const hasTier = rows.some(({ parts }) => inFront(parts) > 0);
    const main = [
      ...mainStack,
      rows.some(({ parts }) => parts.copy > 0) ? anyQueue : coreQueue,
      ...sometimes.filter(([, seconds]) => rows.some(({ parts }) => seconds(parts) > 0)),
      ...(hasTier ? tierStack.slice(0, 1) : []),
    ];
    return [
      stack(`Latency stack on the main shard, ${title}`, main, rows),
      ...(hasTier
        ? [stack(`Tier in front of the main hosts, preprocessing apart, ${title}`, tierStack, rows)]
        : []),
      stack(`Embedded wait on the bounding shard, ${title}`, shardStack, rows),
    ];
  });
}

function stack(title: string, stackParts: Part[], rows: { arm: ArmResult; parts: Parts }[]): string {
  const unit = timeUnit(rows.map(({ parts }) => stackParts[0][1](parts)));
  const text = (seconds: number) =>
    seconds === 0 ? '–' : (seconds * unit.perS).toFixed(unit.name === 'µs' ? 1 : 3);
  const columns = [
    { title: 'arm', align: 'left' as const },
    ...stackParts.map(([name]) => ({ title: name })),
  ];
  const cells = rows.map(({ arm, parts }) => [
    arm.name,
    ...stackParts.map(([, seconds]) => text(seconds(parts))),
  ]);
  return `${title}, ${unit.name}\n${textTable(columns, cells)}`;
}
