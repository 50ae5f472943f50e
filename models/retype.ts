import { unroundedBytes } from '../foundation/units.ts';
import type { DenseDataType, DenseOperator, EmbeddingTable, Model, TableDataType } from './model.ts';
import { elementBytes, scaleAffine } from './operators.ts';
import { rowBytes } from './row-bytes.ts';
import { tableBytes } from './table-bytes.ts';

/** Stores tables of at least a size (bytes, as the model has them) in a type. */
export interface TypeRule {
  type: TableDataType;
  atLeastBytes: number;
}

/** The same model with every embedding table stored in another data type, narrower or wider than its own. */
export function withTableDataType(model: Model, dataType: TableDataType): Model {
  return withTables(model, `${dataType} tables`, (table) => inType(table, dataType));
}

/**
 * The same model with each embedding table in the type of the last rule that its size reaches. Rules only narrow: a
 * table whose rows would not become smaller stays as it is, and so does one that no rule reaches.
 */
export function withTypesBySize(model: Model, rules: readonly TypeRule[]): Model {
  const words = rules.map(({ type, atLeastBytes }) =>
    atLeastBytes > 0 ? `${type} from ${unroundedBytes(atLeastBytes)}` : type,
  );
  return withTables(model, `tables: ${words.join(', ')}`, (table) => {
    const rule = rules.findLast(({ atLeastBytes }) => table.sizeBytes >= atLeastBytes);
    return rule ? narrowed(table, rule.type) : table;
  });
}

/** A table in a data type, if that makes its rows smaller; else as it is. */
export function narrowed(table: EmbeddingTable, dataType: TableDataType): EmbeddingTable {
  return rowBytes(dataType, table.embeddingDim) < table.rowBytes ? inType(table, dataType) : table;
}

function inType(table: EmbeddingTable, dataType: TableDataType): EmbeddingTable {
  const stored = { ...table, dataType, rowBytes: rowBytes(dataType, table.embeddingDim) };
  return { ...stored, sizeBytes: tableBytes(stored) };
}

function withTables(model: Model, change: string, of: (table: EmbeddingTable) => EmbeddingTable): Model {
  return {
    ...model,
    name: `${model.name} (${change})`,
    nets: model.nets.map((net) => ({ ...net, tables: net.tables.map(of) })),
  };
}

/** The same model with every dense operator computed in another data type; lookups hand their vectors on in it. */
export function withDenseDataType(model: Model, dataType: DenseDataType): Model {
  return {
    ...model,
    name: `${model.name} (${dataType} dense)`,
    nets: model.nets.map((net) => ({
      ...net,
      tables: net.tables.map((table) => ({ ...table, handedOnBytes: elementBytes[dataType] })),
      operators: net.operators.map((operator) => operatorIn(operator, dataType)),
    })),
  };
}

/** An operator computed in another data type: the same arithmetic on elements of another size. */
export function operatorIn(operator: DenseOperator, dataType: DenseDataType): DenseOperator {
  const scale = elementBytes[dataType] / elementBytes[operator.dataType];
  return { ...operator, dataType, bytes: scaleAffine(operator.bytes, scale) };
}
