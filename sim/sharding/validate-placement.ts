import { InputError } from '../../foundation/problem.ts';
import type { Model } from '../../models/model.ts';
import { type Piece, type PlacedTable, type Placement, tablesOf } from './placement.ts';

/** Something wrong with a placement; at a piece of a shard where it can be pinned down. */
export interface PlacementProblem {
  message: string;
  shard?: number;
  position?: number;
}

interface Located<Kind extends Piece = Piece> {
  piece: Kind;
  shard: number;
  position: number;
}

/**
 * Checks that a placement holds every table of the model exactly once: whole, as all parts of one row split,
 * or as column slices that tile its dimensions.
 * @throws InputError listing everything that is wrong.
 */
export function validatePlacement(placement: Placement, model: Model): void {
  const problems = placementProblems(placement, model);
  if (problems.length === 0) return;
  throw new InputError(
    problems.map(({ message, shard, position }) => ({
      message,
      ...(shard === undefined ? {} : { path: `shards[${shard}][${position}]` }),
    })),
  );
}

/** Everything that is wrong with a placement; empty when it is valid. */
export function placementProblems(placement: Placement, model: Model): PlacementProblem[] {
  const { shards, strategy } = placement;
  if (shards.length === 0) {
    return strategy === 'singular' ? [] : [{ message: 'at least one shard is needed' }];
  }
  const tables = tablesOf(model);
  const located = shards.flatMap((pieces, shard) =>
    pieces.map((piece, position) => ({ piece, shard, position })),
  );
  const ofTable: Located[][] = tables.map(() => []);
  const problems: PlacementProblem[] = [];
  for (const entry of located) {
    const own = ofTable[entry.piece.table];
    if (own) own.push(entry);
    else problems.push(at(entry, `no table has index ${entry.piece.table}; there are ${tables.length}`));
  }
  return [...problems, ...tables.flatMap((placed) => tableProblems(placed, ofTable[placed.index]))];
}

function tableProblems({ table }: PlacedTable, located: Located[]): PlacementProblem[] {
  const { name, numEmbeddings, embeddingDim } = table;
  if (located.length === 0) return [{ message: `table '${name}' is on no shard` }];
  const { split } = located[0].piece;
  const other = located.find(({ piece }) => piece.split !== split);
  if (other) return [at(other, `table '${name}' is split in two ways, or placed whole and in pieces`)];
  if (split === 'rows') return rowProblems(name, numEmbeddings, located as Located<RowPiece>[]);
  if (split === 'columns') return columnProblems(name, embeddingDim, located as Located<ColumnPiece>[]);
  return located.slice(1).map((again) => at(again, `table '${name}' is placed more than once`));
}

type RowPiece = Extract<Piece, { split: 'rows' }>;
type ColumnPiece = Extract<Piece, { split: 'columns' }>;

function rowProblems(name: string, rows: number, located: Located<RowPiece>[]): PlacementProblem[] {
  const { parts } = located[0].piece;
  if (!Number.isInteger(parts) || parts < 1 || parts > rows) {
    return [at(located[0], `table '${name}' has ${rows} rows: it cannot be split into ${parts} parts`)];
  }
  const problems: PlacementProblem[] = [];
  const seen = new Set<number>();
  for (const entry of located) {
    const { piece } = entry;
    if (piece.parts !== parts) {
      problems.push(
        at(entry, `table '${name}' is split into ${piece.parts} parts here and ${parts} elsewhere`),
      );
    } else if (!Number.isInteger(piece.part) || piece.part < 0 || piece.part >= parts) {
      problems.push(at(entry, `table '${name}' has parts 0 to ${parts - 1}, not ${piece.part}`));
    } else if (seen.has(piece.part)) {
      problems.push(at(entry, `part ${piece.part} of table '${name}' is placed more than once`));
    }
    seen.add(piece.part);
  }
  if (problems.length > 0 || seen.size === parts) return problems;
  // At least one part is missing. Not all are listed: `parts` may be any number that someone typed.
  let missing = 0;
  while (seen.has(missing)) missing++;
  const more = parts - seen.size - 1;
  return [
    { message: `part ${missing}${more > 0 ? ` and ${more} more` : ''} of table '${name}' on no shard` },
  ];
}

function columnProblems(name: string, dim: number, located: Located<ColumnPiece>[]): PlacementProblem[] {
  const problems: PlacementProblem[] = [];
  const sorted = [...located].sort((a, b) => a.piece.firstColumn - b.piece.firstColumn);
  let next = 0;
  for (const entry of sorted) {
    const { firstColumn, columns } = entry.piece;
    if (!Number.isInteger(firstColumn) || !Number.isInteger(columns) || firstColumn < 0 || columns < 1) {
      return [at(entry, `a slice of table '${name}' has whole columns, at least one`)];
    }
    if (firstColumn > next) {
      problems.push(at(entry, `columns ${next} to ${firstColumn - 1} of table '${name}' are on no shard`));
    } else if (firstColumn < next) {
      problems.push(at(entry, `column ${firstColumn} of table '${name}' is placed more than once`));
    }
    next = Math.max(next, firstColumn + columns);
  }
  const last = sorted.at(-1)!;
  if (next > dim) problems.push(at(last, `table '${name}' has ${dim} columns, not ${next}`));
  if (next < dim) {
    problems.push({ message: `columns ${next} to ${dim - 1} of table '${name}' are on no shard` });
  }
  return problems;
}

function at({ shard, position }: Located, message: string): PlacementProblem {
  return { message, shard, position };
}
