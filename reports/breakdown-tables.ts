import type { ArmResult, Measured, Result } from '../sim/result.ts';
import { timeUnit } from './numbers.ts';
import { type Column, textTable } from './text-table.ts';

type Parts = Measured['breakdownS']['typical'];

const embedded = [
  'network',
  'sparse',
  'shardSerialisation',
  'shardService',
  'shardNetOverhead',
  'shardQueue',
] as const;

/** The latency stack of each arm, for a typical request and for the tail. The parts add up to the total. */
export function breakdownTables({ arms }: Result): string[] {
  const measured = arms.filter((arm) => arm.measured);
  if (measured.length === 0) return [];
  return [
    stack('Where the time goes, typical request (p40–p60)', measured, ({ typical }) => typical),
    stack('Where the time goes, slowest 1 % of requests', measured, ({ tail }) => tail),
  ];
}

function stack(
  title: string,
  arms: ArmResult[],
  parts: (breakdown: Measured['breakdownS']) => Parts,
): string {
  const rows = arms.map(({ name, measured }) => ({ name, parts: parts(measured!.breakdownS) }));
  const unit = timeUnit(Math.max(...rows.map(({ parts: p }) => total(p))));
  const hasCopies = rows.some(({ parts: p }) => p.copy > 0);
  const main = 'main shard';
  const shard = 'embedded wait, on the bounding shard';
  const columns: Column[] = [
    { title: 'arm', align: 'left' },
    { title: 'total' },
    ...[
      'dense',
      'embedded',
      'serialise',
      'service',
      'net ovh',
      'queue',
      ...(hasCopies ? ['copies'] : []),
    ].map((name) => ({ title: name, group: main })),
    ...['network', 'sparse ops', 'serialise', 'service', 'net ovh', 'queue'].map((name) => ({
      title: name,
      group: shard,
    })),
  ];
  const text = (seconds: number) =>
    seconds === 0 ? '–' : (seconds * unit.perS).toFixed(unit.name === 'µs' ? 1 : 3);
  const cells = rows.map(({ name, parts: p }) => [
    name,
    text(total(p)),
    text(p.dense),
    text(embedded.reduce((sum, key) => sum + p[key], 0)),
    text(p.rpcSerialisation),
    text(p.rpcService),
    text(p.netOverhead),
    text(p.queue),
    ...(hasCopies ? [text(p.copy)] : []),
    ...embedded.map((key) => text(p[key])),
  ]);
  return `${title}, ${unit.name}\n${textTable(columns, cells)}`;
}

function total(parts: Parts): number {
  return Object.values(parts).reduce((sum, value) => sum + value, 0);
}
