import type { Model, TableDataType } from './model.ts';
import { rowBytes } from './row-bytes.ts';

/** The same model with every embedding table stored in another data type. */
export function withTableDataType(model: Model, dataType: TableDataType): Model {
  return {
    ...model,
    name: `${model.name} (${dataType} tables)`,
    nets: model.nets.map((net) => ({
      ...net,
      tables: net.tables.map((table) => {
        const bytes = rowBytes(dataType, table.embeddingDim);
        return { ...table, dataType, rowBytes: bytes, sizeBytes: bytes * table.numEmbeddings };
      }),
    })),
  };
}
