import type { Model } from '../../../models/model.ts';
import type { TableLookup } from '../../cost/cost-errors.ts';
import { handedOnBytes } from '../../serving/grouped-lookups.ts';
import { heldTables, lookupsOf } from '../../serving/held-tables.ts';
import { pieceBytes, pieceRows } from '../../sharding/pieces.ts';
import { type Piece, tablesOf } from '../../sharding/placement.ts';

/** Bytes of an index and of a bag's length as accelerators exchange them. */
export const indexBytes = 4;

/** Bytes of the moment that row-wise Adagrad keeps for a row: the mean square of its gradients in fp32. */
export const momentBytes = 4;

/** The tables of one accelerator, as a step of so many examples of all accelerators uses them. */
export interface TableShare {
  lookups: TableLookup[];
  /** Indices and lengths that it is sent. */
  idBytes: number;
  /** Pooled vectors that it makes, or the gradients that come back for them. */
  vectorBytes: number;
  /** Rows and moments. */
  storedBytes: number;
}

/** What each accelerator does for the tables that it holds. An example is one user and one candidate. */
export function tableShares(
  model: Model,
  pieces: readonly (readonly Piece[])[],
  examples: number,
): TableShare[] {
  const tables = tablesOf(model);
  return pieces.map((own) => {
    const held = heldTables(own, tables, 1);
    const lookups = lookupsOf(held, examples, examples, 1);
    const of = (at: number) => tables[own[at].table].table;
    const sum = (value: (lookup: TableLookup, at: number) => number) =>
      lookups.reduce((total, lookup, at) => total + value(lookup, at), 0);
    return {
      lookups,
      idBytes: sum((lookup) => (lookup.lookups + examples) * indexBytes),
      vectorBytes: sum(({ bags, dim }, at) => bags * dim * handedOnBytes(of(at))),
      storedBytes: sum((_, at) => pieceBytes(own[at], of(at)) + pieceRows(own[at], of(at)) * momentBytes),
    };
  });
}
