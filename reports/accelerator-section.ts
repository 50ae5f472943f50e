import { formatBytes, formatPercent } from '../foundation/units.ts';
import type { ArmResult, Result } from '../sim/result.ts';
import { type Column, textTable } from './text-table.ts';

type Held = NonNullable<ArmResult['accelerator']>;
type Cache = NonNullable<Held['cache']>;

/** What lies in accelerator memory, and what a cache of rows of another size would do; empty where nothing does. */
export function acceleratorSections(result: Result): string[] {
  const lines = acceleratorsInWords(result);
  if (lines.length === 0) return [];
  return [`Tables in accelerator memory\n${lines.join('\n')}`, hitCurves(holding(result))].filter(
    (text) => text !== '',
  );
}

/** What lies in the memory of each arm's accelerators, where anything does. */
export function acceleratorsInWords(result: Result): string[] {
  return holding(result).map(({ name, held }) => `${name}: ${inWords(held)}`);
}

function holding({ arms }: Result): { name: string; held: Held }[] {
  return arms.flatMap(({ name, accelerator }) =>
    accelerator && accelerator.tables !== 'host' ? [{ name, held: accelerator }] : [],
  );
}

function inWords({ device, used, tables, tableBytes, capacityBytes, cache }: Held): string {
  const low = formatBytes(Math.min(...tableBytes));
  const high = formatBytes(Math.max(...tableBytes));
  const room = `of ${formatBytes(capacityBytes)}`;
  switch (tables) {
    case 'cached':
      return (
        `${formatBytes(cache!.sizeBytes)} ${room} on each of ${used} ${device} caches rows (${cache!.policy})` +
        `${besideCache(tableBytes[0] - cache!.sizeBytes)}; ${formatPercent(cache!.hitShare)} of all lookups hit`
      );
    case 'sharded':
      return `${low === high ? low : `${low} to ${high}`} ${room} on each of ${used} ${device}, sharded`;
    default:
      return `${high} ${room} on each of ${used} ${device}, replicated`;
  }
}

function besideCache(remapBytes: number): string {
  return remapBytes > 0 ? `, beside ${formatBytes(remapBytes)} of remap vectors` : '';
}

/** One line for each cache, one column for each size. */
function hitCurves(all: readonly { name: string; held: Held }[]): string {
  const caches = all.flatMap(({ name, held: { cache } }) => (cache ? [{ name, cache }] : []));
  return caches.map(({ name, cache }) => hitCurve(name, cache)).join('\n\n');
}

function hitCurve(name: string, { curve }: Cache): string {
  const columns: Column[] = [
    { title: 'cache', align: 'left' },
    ...curve.sizeBytes.map((sizeBytes) => ({ title: formatBytes(sizeBytes) })),
  ];
  const hits = ['hits', ...curve.hitShare.map((share) => formatPercent(share))];
  return `Share of lookups that hit, ${name}\n${textTable(columns, [hits])}`;
}
