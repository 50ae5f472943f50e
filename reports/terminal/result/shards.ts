import { formatBytes, formatPercent, formatTime, significant } from '../../../foundation/units.ts';
import type { ShardResult } from '../../../sim/result.ts';
import { bar } from '../bars.ts';
import type { Line } from '../line.ts';
import { sections } from '../table.ts';
import { displayWidth, pad } from '../text-width.ts';

/** What every shard holds and does, as bars, with the imbalance of each figure. */
export function shardLines(shards: readonly ShardResult[], width: number): Line[] {
  const block = (title: string, value: (shard: ShardResult) => number, text: (value: number) => string) =>
    [`${title} (${imbalance(shards.map(value))})`, bars(shards.map(value), text, width)] as const;
  const perRequest = (value: number) => significant(value);
  return sections(
    width,
    block('Table bytes', ({ sizeBytes }) => sizeBytes, formatBytes),
    block('Busy CPU time a request', ({ busyS }) => busyS.mean, formatTime),
    block('Rows looked up a candidate', ({ lookupsPerCandidate }) => lookupsPerCandidate, perRequest),
    block('Rows looked up a user', ({ lookupsPerUser }) => lookupsPerUser, perRequest),
    block('Share of waits that end with this shard', ({ bounding }) => bounding, formatPercent),
    block('Tables and parts of tables', ({ tables }) => tables, String),
    block('Replicas', ({ replicas }) => replicas, String),
  );
}

/** `max/mean 1.02`. */
function imbalance(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return mean > 0 ? `max/mean ${(Math.max(...values) / mean).toFixed(2)}` : 'none';
}

function bars(values: readonly number[], text: (value: number) => string, width: number): Line[] {
  const most = Math.max(...values);
  const texts = values.map(text);
  const textWidth = Math.max(...texts.map(displayWidth));
  const nameWidth = `shard ${values.length - 1}`.length;
  const barWidth = Math.max(4, width - nameWidth - textWidth - 4);
  return values.map((value, index) => [
    pad(`shard ${index}`, nameWidth),
    '  ',
    { text: pad(bar(value, most, barWidth), barWidth), tone: 'accent' },
    `  ${pad(texts[index], textWidth, 'right')}`,
  ]);
}
