import { z } from 'zod';
import { type SourceDocument, validate } from '../../foundation/document.ts';
import { didYouMean } from '../../foundation/near-name.ts';
import { InputError, type Problem } from '../../foundation/problem.ts';
import { integerIn, mapping, show } from '../../foundation/schema.ts';
import type { Model } from '../../models/model.ts';
import { type Piece, type PlacedTable, type Placement, tablesOf } from './placement.ts';
import { placementProblems } from './validate-placement.ts';

const shardingTypes = ['table_wise', 'row_wise', 'column_wise'] as const;

const tableName = z.string({ error: (issue) => `expected the name of a table, got ${show(issue.input)}` });
const reference = {
  name: tableName.meta({ description: 'embedding table of the model' }),
  net: z
    .string()
    .optional()
    .meta({ description: 'net of the table; needed only where two nets have tables of this name' }),
};

const entrySchema = z.discriminatedUnion(
  'sharding_type',
  [
    mapping({ ...reference, sharding_type: z.literal('table_wise') }),
    mapping({
      ...reference,
      sharding_type: z.literal('row_wise'),
      part: integerIn({ min: 0 }).meta({ description: 'holds the rows whose index is ≡ part (mod parts)' }),
      parts: integerIn({ min: 1 }),
    }),
    mapping({
      ...reference,
      sharding_type: z.literal('column_wise'),
      first_column: integerIn({ min: 0 }).meta({ description: 'first embedding dimension held' }),
      columns: integerIn({ min: 1 }).meta({ description: 'number of embedding dimensions held' }),
    }),
  ],
  { error: ({ input }) => wrongShardingType(input) },
);

function wrongShardingType(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return `expected a table entry, got ${show(entry)}`;
  const type = (entry as { sharding_type?: unknown }).sharding_type;
  const near = typeof type === 'string' ? didYouMean(type, shardingTypes) : '';
  return `expected one of ${shardingTypes.join(', ')}, got ${show(type)}${near}`;
}

const shardSchema = mapping({ tables: z.array(entrySchema, { error: 'expected a list of tables' }) });

/** A placement as people edit it: what each shard holds, by table name, in TorchRec's terms. */
export const placementFileSchema = mapping({
  version: z.literal(1, { error: 'expected 1, the version of this form' }),
  strategy: z
    .string({ error: (issue) => `expected the name of a strategy, got ${show(issue.input)}` })
    .meta({ description: 'how the placement came about; `singular` has no shards' }),
  shards: z.array(shardSchema, { error: 'expected a list of shards' }),
});

export type PlacementFile = z.input<typeof placementFileSchema>;
type Entry = z.output<typeof entrySchema>;

/** The file form of a placement. What a search proved is not kept: an edit would make it untrue. */
export function placementToJson({ strategy, shards }: Placement, model: Model): PlacementFile {
  const tables = tablesOf(model);
  const entryOf = (piece: Piece): Entry => {
    const { net, table } = tables[piece.table];
    const ambiguous = tables.filter((other) => other.table.name === table.name).length > 1;
    const named = ambiguous ? { name: table.name, net: model.nets[net].name } : { name: table.name };
    if (piece.split === 'rows') {
      return { ...named, sharding_type: 'row_wise', part: piece.part, parts: piece.parts };
    }
    if (piece.split === 'columns') {
      const { firstColumn, columns } = piece;
      return { ...named, sharding_type: 'column_wise', first_column: firstColumn, columns };
    }
    return { ...named, sharding_type: 'table_wise' };
  };
  return { version: 1, strategy, shards: shards.map((pieces) => ({ tables: pieces.map(entryOf) })) };
}

/**
 * Reads a placement of a model.
 * @throws InputError that locates every problem: wrong form, unknown table (with a near name), tables or parts
 *   that are missing or placed twice, slices that overlap.
 */
export function placementFromDocument(document: SourceDocument, model: Model): Placement {
  const file = validate(document, placementFileSchema);
  const tables = tablesOf(model);
  const problems: Problem[] = [];
  const shards = file.shards.map((shard, shardIndex) =>
    shard.tables.flatMap((entry, position): Piece[] => {
      const found = findTable(entry, tables, model);
      if (typeof found !== 'string') return [pieceOf(entry, found.index)];
      problems.push(document.problemAt(['shards', shardIndex, 'tables', position, 'name'], found));
      return [];
    }),
  );
  if (problems.length > 0) throw new InputError(problems);
  const placement = { strategy: file.strategy, shards };
  const wrong = placementProblems(placement, model);
  if (wrong.length === 0) return placement;
  throw new InputError(
    wrong.map(({ shard, position, message }) =>
      shard === undefined
        ? document.problemAt(['shards'], message)
        : document.problemAt(['shards', shard, 'tables', position!], message),
    ),
  );
}

/** The table that an entry names, or what is wrong with the name. */
function findTable({ name, net }: Entry, tables: PlacedTable[], model: Model): PlacedTable | string {
  const named = tables.filter(({ table }) => table.name === name);
  const nets = named.map((placed) => model.nets[placed.net].name);
  if (named.length === 0) {
    const names = tables.map(({ table }) => table.name);
    return `model '${model.name}' has no table '${name}'${didYouMean(name, names)}`;
  }
  if (net !== undefined) {
    return named[nets.indexOf(net)] ?? `table '${name}' is in net ${nets.join(', ')}, not '${net}'`;
  }
  return named.length === 1 ? named[0] : `several nets have a table '${name}': say net: ${nets.join(' or ')}`;
}

function pieceOf(entry: Entry, table: number): Piece {
  switch (entry.sharding_type) {
    case 'row_wise':
      return { table, split: 'rows', part: entry.part, parts: entry.parts };
    case 'column_wise':
      return { table, split: 'columns', firstColumn: entry.first_column, columns: entry.columns };
    default:
      return { table, split: 'table' };
  }
}
