import type { SourceDocument } from '../foundation/document.ts';
import { InputError, type Problem } from '../foundation/problem.ts';
import { generateTables, ImpossiblePin } from './generate-tables.ts';
import type { LocatedTable } from './located-table.ts';
import type { AccessSkew, EmbeddingTable, PoolingDistribution } from './model.ts';
import { rowBytes } from './row-bytes.ts';
import type { ListedTable, TableDefaults, TableEntry, TableGroup } from './schema-tables.ts';
import { limits } from './schema-tables.ts';
import { readTablesCsv } from './tables-csv.ts';

/** Reads a file that a model file refers to; given the path as written there. */
export type ReadReferenced = (path: string) => { file: string; text: string };

/** Where the entries of a net's `tables` stand, for messages. */
export interface TablesContext {
  document: SourceDocument;
  /** Path of the net in the document. */
  path: PropertyKey[];
  /** Prefix of generated names. */
  net: string;
  readReferenced: ReadReferenced;
  /** Net that owns each table name so far; the names of these tables are added. */
  owners: Map<string, string>;
}

/**
 * The embedding tables of a net: listed, grouped, generated or read from CSV, completed by `table_defaults`.
 * @throws InputError with positions for impossible pins, uneven groups, missing dimensions, too many tables.
 */
export function resolveTables(
  entries: readonly TableEntry[],
  defaults: TableDefaults,
  context: TablesContext,
): EmbeddingTable[] {
  const tables: EmbeddingTable[] = [];
  const problems: Problem[] = [];
  entries.forEach((entry, index) => {
    const path = [...context.path, 'tables', index];
    const room = limits.tables - tables.length;
    try {
      for (const located of expand(entry, defaults, path, room, context)) {
        tables.push(completeTable(located, defaults));
        claimName(located, context);
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(...error.problems);
    }
  });
  if (problems.length > 0) throw new InputError(problems);
  return tables;
}

/** Placements name tables, so a table's name is unique in its model. */
function claimName({ table: { name }, problemAt }: LocatedTable, { net, owners }: TablesContext): void {
  const owner = owners.get(name);
  if (owner !== undefined) {
    const where = owner === net ? '' : ` (the other is in net '${owner}')`;
    throw new InputError([problemAt('name', `a second table named '${name}'${where}`)]);
  }
  owners.set(name, net);
}

function expand(
  entry: TableEntry,
  defaults: TableDefaults,
  path: PropertyKey[],
  room: number,
  { document, net, readReferenced }: TablesContext,
): LocatedTable[] {
  const problemAt = (key: PropertyKey[], message: string) => document.problemAt([...path, ...key], message);
  const fail = (key: PropertyKey[], message: string) => new InputError([problemAt(key, message)]);
  const count = 'generate' in entry ? entry.generate.count : 'group' in entry ? (entry.count ?? 1) : 1;
  if (count > room) throw fail([], `a model has at most ${limits.tables} tables`);
  if ('csv' in entry) return readTablesCsv(readReferenced(entry.csv), room);
  // A name is reported at the entry: a group and a generator make it from other keys.
  const here: LocatedTable['problemAt'] = (key, message) => problemAt(key === 'name' ? [] : [key], message);
  const locate = (table: ListedTable): LocatedTable => ({ table, problemAt: here });
  if ('group' in entry) return expandGroup(entry, fail).map(locate);
  if (!('generate' in entry)) return [locate(entry)];
  const dataType = entry.generate.data_type ?? defaults.data_type ?? 'fp32';
  try {
    return generateTables(entry.generate, `${net}-table`, dataType).map(locate);
  } catch (error) {
    if (error instanceof ImpossiblePin) throw fail(['generate', error.key], error.message);
    throw error;
  }
}

const listable = ['num_embeddings', 'embedding_dim', 'pooling_factor', 'presence'] as const;

function expandGroup(
  entry: TableGroup,
  fail: (key: PropertyKey[], message: string) => InputError,
): ListedTable[] {
  const lists = listable.filter((key) => Array.isArray(entry[key]));
  const lengthOf = (key: (typeof listable)[number]) => (entry[key] as number[]).length;
  const count = entry.count ?? (lists.length > 0 ? lengthOf(lists[0]) : undefined);
  if (count === undefined) throw fail(['count'], "a group needs a 'count' or a list of values");
  for (const key of lists) {
    if (lengthOf(key) !== count) {
      throw fail([key], `has ${lengthOf(key)} values for a group of ${count} tables`);
    }
  }
  const { group, count: _count, num_embeddings, embedding_dim, pooling_factor, presence, ...traits } = entry;
  const at = <Value>(value: Value | Value[], index: number) => (Array.isArray(value) ? value[index] : value);
  return Array.from({ length: count }, (_, index) => ({
    ...traits,
    name: `${group}-${index}`,
    num_embeddings: at(num_embeddings, index),
    ...(embedding_dim !== undefined && { embedding_dim: at(embedding_dim, index) }),
    ...(pooling_factor !== undefined && { pooling_factor: at(pooling_factor, index) }),
    ...(presence !== undefined && { presence: at(presence, index) }),
  }));
}

function completeTable({ table: listed, problemAt }: LocatedTable, defaults: TableDefaults): EmbeddingTable {
  const table = { ...defaults, ...listed };
  const {
    embedding_dim: embeddingDim,
    data_type: dataType = 'fp32',
    pooling_factor: poolingFactor = 1,
  } = table;
  if (embeddingDim === undefined) {
    const message = `table '${table.name}' has no embedding_dim, and table_defaults gives none`;
    throw new InputError([problemAt('embedding_dim', message)]);
  }
  if (poolingFactor < 1 && table.pooling_distribution?.kind === 'geometric') {
    const message =
      `a geometric distribution counts 1, 2, ... lookups, so its mean is at least 1, got ${poolingFactor}; ` +
      `say how often '${table.name}' has any by presence, or use kind: poisson`;
    throw new InputError([problemAt('pooling_factor', message)]);
  }
  const bytes = rowBytes(dataType, embeddingDim);
  return {
    name: table.name,
    numEmbeddings: table.num_embeddings,
    embeddingDim,
    dataType,
    rowBytes: bytes,
    sizeBytes: table.num_embeddings * bytes,
    poolingFactor,
    poolingDistribution: distributionOf(table.pooling_distribution),
    presence: table.presence ?? 1,
    level: table.level ?? 'candidate',
    skew: table.skew ?? ({ kind: 'uniform' } satisfies AccessSkew),
    ...(table.pooling && { pooling: table.pooling }),
  };
}

function distributionOf(from: TableDefaults['pooling_distribution']): PoolingDistribution {
  if (from === undefined) return { kind: 'fixed' };
  if (from.kind !== 'gamma' && from.kind !== 'lognormal') return { kind: from.kind };
  return { kind: from.kind, coefficientOfVariation: from.coefficient_of_variation };
}
