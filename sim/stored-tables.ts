import type { EmbeddingTable, Model, TableDataType } from '../models/model.ts';
import { remapVectorBytes } from '../models/table-bytes.ts';
import type { ArmDeployment } from '../scenarios/deployment.ts';
import type { StoredTables } from './result.ts';
import { typicalBatch } from './serving/plan.ts';
import { pieceLookups } from './sharding/pieces.ts';
import { tablesOf } from './sharding/placement.ts';

/** What an arm made of the tables of its model, one copy of them; undefined where it left them as they are. */
export function storedTablesOf(arm: ArmDeployment): StoredTables | undefined {
  const { model, storage } = arm;
  if (!storage) return undefined;
  const tables = tablesOf(model).map(({ table }) => table);
  const pruned = tables.filter(({ pruning }) => pruning);
  return {
    originalBytes: storage.originalBytes,
    bytes: total(tables, ({ sizeBytes }) => sizeBytes),
    byType: byType(tables),
    ...(pruned.length > 0 && { pruning: pruningOf(arm, pruned) }),
    notes: storage.notes,
  };
}

function byType(tables: readonly EmbeddingTable[]): StoredTables['byType'] {
  const types = [...new Set(tables.map(({ dataType }) => dataType))];
  const entry = (type: TableDataType) => {
    const own = tables.filter(({ dataType }) => dataType === type);
    return { type, tables: own.length, bytes: total(own, ({ sizeBytes }) => sizeBytes) };
  };
  return types.map(entry).sort((a, b) => b.bytes - a.bytes);
}

function pruningOf(arm: ArmDeployment, pruned: readonly EmbeddingTable[]): StoredTables['pruning'] {
  const rows = rowsOf(arm.model);
  const kept = tablesOf(arm.model).reduce((sum, { table }) => sum + table.numEmbeddings, 0);
  return {
    tables: pruned.length,
    rowShare: 1 - kept / rows,
    lookupShare: prunedLookups(arm),
    remapBytes: total(pruned, remapVectorBytes),
  };
}

/** Rows of all tables before they were pruned. */
function rowsOf(model: Model): number {
  return tablesOf(model).reduce(
    (sum, { table }) => sum + (table.pruning?.originalRows ?? table.numEmbeddings),
    0,
  );
}

/** Share of all lookups of a typical batch that find their row pruned. */
function prunedLookups(arm: ArmDeployment): number {
  const candidates = typicalBatch(arm);
  let all = 0;
  let gone = 0;
  for (const { index, table } of tablesOf(arm.model)) {
    const { perCandidate, perUser } = pieceLookups({ table: index, split: 'table' }, table);
    const lookups = perCandidate * candidates + perUser;
    all += lookups;
    gone += lookups * (1 - (table.pruning?.keptLookups ?? 1));
  }
  return all > 0 ? gone / all : 0;
}

function total(tables: readonly EmbeddingTable[], value: (table: EmbeddingTable) => number): number {
  return tables.reduce((sum, table) => sum + value(table), 0);
}
