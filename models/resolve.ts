import { type SourceDocument, validate } from '../foundation/document.ts';
import { InputError } from '../foundation/problem.ts';
import { denseOperators } from './dense-operators.ts';
import { BadArguments, netFromDlrmArgs } from './dlrm-args.ts';
import type { Model, Net } from './model.ts';
import { resolvePreprocessing } from './preprocessing.ts';
import { type ImportFile, modelFileSchema, type NetFile } from './schema.ts';
import { type ReadReferenced, resolveTables, type TablesContext } from './tables.ts';

/**
 * Turns a model file into a model with no names left to look up.
 * @param readReferenced reads the files that the model refers to (CSV tables)
 * @throws InputError with `file:line:column` and path for everything that is wrong.
 */
export function resolveModel(document: SourceDocument, readReferenced: ReadReferenced): Model {
  const file = validate(document, modelFileSchema);
  checkNetNames(file.nets ?? [], document);
  const shared = { document, readReferenced, owners: new Map<string, string>() };
  const nets = file.import
    ? [resolveNet(importNet(file.import, document), ['import'], shared)]
    : (file.nets ?? []).map((net, index) => resolveNet(net, ['nets', index], shared));
  return {
    name: file.name,
    description: file.description ?? '',
    evidence: file.evidence ?? 'assumed',
    source: file.source ?? '',
    ...(file.preprocessing && { preprocessing: resolvePreprocessing(file.preprocessing, document) }),
    nets,
  };
}

function importNet(source: ImportFile, document: SourceDocument): NetFile {
  try {
    return netFromDlrmArgs(source);
  } catch (error) {
    if (!(error instanceof BadArguments)) throw error;
    throw new InputError([document.problemAt(['import', 'dlrm_args'], error.message)]);
  }
}

/** Graphs name nets, so a net's name is unique in its model. */
function checkNetNames(nets: NetFile[], document: SourceDocument): void {
  nets.forEach(({ name }, index) => {
    if (nets.findIndex((net) => net.name === name) === index) return;
    throw new InputError([document.problemAt(['nets', index, 'name'], `a second net named '${name}'`)]);
  });
}

function resolveNet(
  net: NetFile,
  path: PropertyKey[],
  shared: Pick<TablesContext, 'document' | 'readReferenced' | 'owners'>,
): Net {
  const { document } = shared;
  const tables = resolveTables(net.tables, net.table_defaults ?? {}, { ...shared, path, net: net.name });
  const fail = (key: PropertyKey[], message: string) =>
    new InputError([document.problemAt([...path, ...key], message)]);
  const { name, tables: _, table_defaults: __, ...structure } = net;
  return {
    name,
    denseFeatures: net.dense_features,
    tables,
    operators: denseOperators(structure, tables, fail),
    structure,
  };
}
