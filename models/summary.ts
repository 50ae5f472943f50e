import type { Affine, EmbeddingTable, Model } from './model.ts';
import { addAffine, affine, atCandidates } from './operators.ts';

/** Totals of a model, exact for the mean request. */
export interface ModelSummary {
  name: string;
  nets: number;
  tables: number;
  /** Trainable parameters of the dense operators. */
  denseParameters: number;
  /** Elements of all embedding tables. */
  embeddingParameters: number;
  /** Stored bytes of all embedding tables, and of the largest. */
  embeddingBytes: number;
  largestTableBytes: number;
  /** Dense FLOPs of a batch, affine in its candidates; a multiply-add is two. */
  flops: Affine;
  /** Mean embedding bytes gathered for a batch: user-level tables are fixed, the others per candidate. */
  gatheredBytes: Affine;
  /** Mean rows looked up for a batch. */
  lookups: Affine;
}

/** Totals over all nets and tables of a model. */
export function summariseModel(model: Model): ModelSummary {
  const tables = model.nets.flatMap((net) => net.tables);
  const operators = model.nets.flatMap((net) => net.operators);
  const total = (value: (table: EmbeddingTable) => number) => tables.reduce((sum, t) => sum + value(t), 0);
  const perBatch = (value: (table: EmbeddingTable) => number) =>
    affine(
      total((table) => (table.level === 'user' ? value(table) : 0)),
      total((table) => (table.level === 'candidate' ? value(table) : 0)),
    );
  return {
    name: model.name,
    nets: model.nets.length,
    tables: tables.length,
    denseParameters: operators.reduce((sum, { parameters }) => sum + parameters, 0),
    embeddingParameters: total((table) => table.numEmbeddings * table.embeddingDim),
    embeddingBytes: total((table) => table.sizeBytes),
    largestTableBytes: tables.reduce((largest, { sizeBytes }) => Math.max(largest, sizeBytes), 0),
    flops: operators.reduce((sum, { flops }) => addAffine(sum, flops), affine(0, 0)),
    gatheredBytes: perBatch((table) => meanLookups(table) * bytesPerLookup(table)),
    lookups: perBatch(meanLookups),
  };
}

/** Mean lookups of a table for one user or one candidate, absence included. */
export function meanLookups({ presence, poolingFactor }: EmbeddingTable): number {
  return presence * poolingFactor;
}

/** Mean bytes that a lookup of a table reads: of a pruned one the remap entry, and the row where it is left. */
function bytesPerLookup({ rowBytes, pruning }: EmbeddingTable): number {
  return pruning ? pruning.keptLookups * rowBytes + pruning.remapBytes : rowBytes;
}

/** Dense FLOPs of a request of `candidates` scored as one batch. */
export function flopsPerRequest(summary: ModelSummary, candidates: number): number {
  return atCandidates(summary.flops, candidates);
}

/** Mean embedding bytes gathered for a request of `candidates` scored as one batch. */
export function gatheredBytesPerRequest(summary: ModelSummary, candidates: number): number {
  return atCandidates(summary.gatheredBytes, candidates);
}
