import { type SourceDocument, validate } from '../foundation/document.ts';
import { InputError } from '../foundation/problem.ts';
import { BadArguments, netFromDlrmArgs } from './dlrm-args.ts';
import { interact, UnfitVectors, type Vector } from './interaction.ts';
import type { DenseOperator, EmbeddingTable, Model, Net } from './model.ts';
import { mlp, siteOf } from './operators.ts';
import { type ImportFile, modelFileSchema, type NetFile } from './schema.ts';
import { encodeSequence, UnfitSequence } from './sequence.ts';
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
  return {
    name: net.name,
    denseFeatures: net.dense_features,
    tables,
    operators: denseOperators(net, tables, fail),
  };
}

type Fail = (key: PropertyKey[], message: string) => InputError;

function denseOperators(net: NetFile, tables: EmbeddingTable[], fail: Fail): DenseOperator[] {
  const { data_type: dataType = 'fp32', bottom_mlp: bottomWidths = [], activations } = net;
  if (net.dense_features === 0 && bottomWidths.length > 0) {
    throw fail(['bottom_mlp'], 'a bottom MLP needs dense features, but dense_features is 0');
  }
  const bottomSite = siteOf('before', net.dense_level ?? 'candidate', dataType);
  const bottom = mlp(bottomSite, 'bottom', net.dense_features, bottomWidths, activations);
  const dense = bottomWidths.at(-1) ?? net.dense_features;
  const { operators: encoders, vectors } = encodeSequences(net, tables, fail);
  const site = siteOf('after', 'candidate', dataType);
  try {
    const { operators, width } = interact(site, net.interaction, vectors, dense);
    const top = mlp(site, 'top', width, net.top_mlp, activations);
    return [...bottom, ...encoders, ...operators, ...top];
  } catch (error) {
    if (!(error instanceof UnfitVectors)) throw error;
    throw fail(error.key === undefined ? ['interaction'] : ['interaction', error.key], error.message);
  }
}

function encodeSequences(
  { sequence_encoders: encoders = [], data_type: dataType = 'fp32' }: NetFile,
  tables: EmbeddingTable[],
  fail: Fail,
): { operators: DenseOperator[]; vectors: Vector[] } {
  const operators: DenseOperator[] = [];
  const outputs: Vector[] = [];
  const consumed = new Set<EmbeddingTable>();
  encoders.forEach((encoder, index) => {
    try {
      const encoded = encodeSequence(encoder, tables, dataType);
      operators.push(...encoded.operators);
      outputs.push(encoded.output);
      for (const table of encoded.consumed) consumed.add(table);
    } catch (error) {
      if (!(error instanceof UnfitSequence)) throw error;
      throw fail(['sequence_encoders', index, error.key], error.message);
    }
  });
  const pooled = tables.filter((table) => !consumed.has(table));
  const stray = pooled.find((table) => table.pooling === 'none');
  if (stray) throw fail(['tables'], `no sequence encoder reads '${stray.name}', which has 'pooling: none'`);
  return {
    operators,
    vectors: [...pooled.map(({ name, embeddingDim: dim }) => ({ name, dim })), ...outputs],
  };
}
