import type { ArmDeployment } from '../../scenarios/deployment.ts';
import type { CostUnit, TableLookup } from '../cost/cost-unit.ts';
import type { Moved } from '../cost/roofs.ts';
import { heldTables, lookupsOf, remapsOf } from '../serving/held-tables.ts';
import { type Piece, tablesOf } from '../sharding/placement.ts';
import { type Coverage, lineOf, type Runner } from './coverage.ts';
import { range } from './table-reads.ts';

/**
 * Lookups on accelerators: of each net one kernel over all tables, and where some are pruned another that reads their
 * remap vectors; of several accelerators that share the tables those of the slowest. A line for each data type.
 * @param holders the tables of each accelerator that serves a batch with others
 */
export function lookupsOn(
  runner: Runner,
  arm: ArmDeployment,
  candidates: number,
  holders: readonly Piece[][],
): Coverage[] {
  const { model, poolingScale } = arm;
  const tables = tablesOf(model);
  return model.nets.flatMap(({ name }, net) => {
    const kernels = holders.map((pieces) => {
      const own = pieces.filter(({ table }) => tables[table].net === net);
      const held = heldTables(own, tables, poolingScale);
      return [
        { operator: 'embedding lookup', lookups: lookupsOf(held, 1, candidates, 1), isSummed: true },
        { operator: 'remap lookup', lookups: remapsOf(held, 1, candidates, 1), isSummed: false },
      ].filter(({ lookups }) => lookups.length > 0);
    });
    const seconds = kernels.map((own) =>
      own.reduce((sum, { lookups }) => sum + runner.unit.lookup(lookups).seconds, 0),
    );
    return kernels[seconds.indexOf(Math.max(...seconds))].flatMap((kernel) =>
      linesOf(runner, model.nets.length > 1 ? name : undefined, kernel),
    );
  });
}

/** One kernel over several tables; entries of remap vectors are not summed. */
interface Kernel {
  operator: string;
  lookups: readonly TableLookup[];
  isSummed: boolean;
}

/** The types of a kernel share its time by what each takes alone. */
function linesOf(
  runner: Runner,
  net: string | undefined,
  { operator, lookups, isSummed }: Kernel,
): Coverage[] {
  const parts = [...new Set(lookups.map(({ dataType }) => dataType))].map((dataType) => {
    const own = lookups.filter((lookup) => lookup.dataType === dataType);
    return { dataType, own, alone: runner.unit.lookup(own) };
  });
  const { seconds } = runner.unit.lookup(lookups);
  const apart = parts.reduce((sum, { alone }) => sum + alone.seconds, 0);
  return parts.map(({ dataType, own, alone }) =>
    lineOf(
      runner,
      { net, operator, kind: 'embedding-bag', dataType, shape: inWords(own) },
      workOf(runner.unit, own, isSummed),
      { ...alone, seconds: (alone.seconds / apart) * seconds },
      [[{ operator: 'embedding-bag', dataType }]],
    ),
  );
}

function workOf(unit: CostUnit, lookups: readonly TableLookup[], isSummed: boolean): Moved {
  const { flops, bytes, rereadBytes } = unit.lookupWork(lookups);
  return {
    flops: isSummed ? flops : 0,
    bytes,
    bytesFrom: 'memory',
    ...(rereadBytes > 0 && { cachedBytes: rereadBytes }),
  };
}

function inWords(lookups: readonly TableLookup[]): string {
  const rows = lookups.reduce((sum, table) => sum + table.lookups, 0);
  const dims = range(lookups.map(({ dim }) => dim));
  return `${lookups.length} tables, dim ${dims}, ${Math.round(rows)} rows`;
}
