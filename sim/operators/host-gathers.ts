import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { gatherBandwidth } from '../cost/gather-bandwidth.ts';
import type { MeasuredKind } from '../cost/measured-as.ts';
import { lineBytesPerLookup } from '../cost/row-cache.ts';
import { surfaceOf } from '../cost/surfaces.ts';
import type { ArmPlan } from '../serving/plan.ts';
import { type Coverage, coreRunner, lineOf } from './coverage.ts';
import { readsInWords, type TableReads, tableReads, wholeTables } from './table-reads.ts';

/**
 * Gathers on the CPU hosts that hold the tables: the main ones where nothing is sharded, else all shards together. A
 * core has the bandwidth that it draws alone.
 * @param plan says which rows are found in cache; without it all of them come from memory
 */
export function gathersOnHosts(
  arm: ArmDeployment,
  candidates: number,
  plan: ArmPlan | undefined,
): Coverage[] {
  const { model, sharding, main, sparse } = arm;
  const isOneHost = sharding.strategy === 'singular' && sharding.placement === undefined;
  const runner = coreRunner(isOneHost ? main.host : sparse.host);
  const { cpu } = isOneHost ? main.host : sparse.host;
  const { evidence, coreBytesPerS } = gatherBandwidth(cpu);
  const ways = surfaceOf(cpu, 'memory-gather', 'bytes', 1)?.isTransferred === false ? [gather] : [];
  const reads = readsWithHits(arm, candidates, plan);
  return model.nets.flatMap(({ name }, net) => {
    const own = reads.filter((read) => read.net === net && read.rows > 0);
    if (own.length === 0) return [];
    const total = (value: (read: HitReads) => number) => own.reduce((sum, read) => sum + value(read), 0);
    const bytes = total((read) => lineBytes(read) * (1 - read.hits));
    const cachedBytes = total((read) => lineBytes(read) * read.hits);
    const seconds =
      total(({ touched }) => touched) * cpu.launchOverheadS.value +
      cachedBytes / runner.roofs.cacheBytesPerS!.value +
      bytes / coreBytesPerS;
    return [
      lineOf(
        runner,
        {
          net: model.nets.length > 1 ? name : undefined,
          operator: 'embedding gather',
          kind: 'memory-gather',
          dataType: 'bytes',
          shape: readsInWords(own),
        },
        { flops: total(sums), bytes, bytesFrom: 'memory', ...(cachedBytes > 0 && { cachedBytes }) },
        { seconds, evidence, logError: 0 },
        ways,
      ),
    ];
  });
}

/** What stands for gathers where it was measured on the CPU itself. */
const gather: MeasuredKind[] = [{ operator: 'memory-gather', dataType: 'bytes' }];

interface HitReads extends TableReads {
  /** Share of the bytes read that are found in cache. */
  hits: number;
}

function readsWithHits(arm: ArmDeployment, candidates: number, plan: ArmPlan | undefined): HitReads[] {
  const shards = plan?.placement.shards ?? [];
  return (shards.length > 0 ? shards : [wholeTables(arm)]).flatMap((pieces, shard) =>
    tableReads(arm, pieces, candidates).map((read, position) => ({
      ...read,
      hits: plan?.cacheHits[shard][position] ?? 0,
    })),
  );
}

function lineBytes({ piece, table, rows }: TableReads): number {
  return rows * lineBytesPerLookup(piece, table);
}

/** Additions of rows that are pooled. */
function sums({ table, rows, dim }: TableReads): number {
  return table.pooling === 'none' ? 0 : rows * (table.pruning?.keptLookups ?? 1) * dim;
}
