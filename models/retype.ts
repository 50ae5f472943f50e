import type { DenseDataType, DenseOperator, Model, TableDataType } from './model.ts';
import { elementBytes, scaleAffine } from './operators.ts';
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
