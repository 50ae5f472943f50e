import { InputError } from '../foundation/problem.ts';
import { denseOperators } from './dense-operators.ts';
import type { Model, Net } from './model.ts';
import { operatorIn } from './retype.ts';
import { scaledTable, scaledWidth, withMoreTables } from './scale-tables.ts';
import type { InteractionFile, NetStructure, SequenceEncoderFile } from './schema.ts';

/** By what a model grows; each factor is 1 where it is left out. */
export interface ModelFactors {
  /** Number of tables: copies of the model's own, lookups included. */
  tables?: number;
  /** Rows of each table. */
  rows?: number;
  /** Embedding dimensions, to multiples of four; the operators that read the vectors follow. */
  dim?: number;
  /** Widths of hidden dense layers, to multiples of four. */
  denseWidth?: number;
}

export interface ScaleOptions {
  /** Tables that must stay, whatever becomes of their number: those that a placement or a scenario names. */
  keep?: readonly string[];
}

/**
 * The model grown by the given factors; the same model where all are 1. Tables keep their types, lookups and skew. The
 * dense operators are made anew around what the tables have become: the interaction and the first layer after it get
 * wider with more tables or wider vectors, other layers keep their widths unless `denseWidth` says otherwise. Where the
 * interaction needs vectors of one dimension, the last layer of the bottom MLP follows it. Sequences, their tables and
 * tables that an interaction names stay single; the number of others makes up for it.
 * @throws InputError for growth beyond what a model may have, and where the grown vectors do not fit each other
 */
export function scaleModel(model: Model, factors: ModelFactors, { keep = [] }: ScaleOptions = {}): Model {
  const { tables = 1, rows = 1, dim = 1, denseWidth = 1 } = factors;
  if ([tables, rows, dim, denseWidth].every((factor) => factor === 1)) return model;
  const sets = model.nets.map((net) => ({ tables: net.tables, fixed: fixedTables(net, keep) }));
  const grown = withMoreTables(sets, tables).map((list) =>
    list.map((table) => scaledTable(table, { rows, dim })),
  );
  return {
    ...model,
    nets: model.nets.map((net, index) => rebuilt(net, grown[index], { dim, denseWidth })),
  };
}

/** Stored bytes of all tables of a model. */
export function modelBytes({ nets }: Model): number {
  return nets.reduce((sum, { tables }) => tables.reduce((inner, { sizeBytes }) => inner + sizeBytes, sum), 0);
}

function fixedTables({ tables, structure }: Net, keep: readonly string[]): Set<string> {
  const fixed = new Set(keep);
  for (const { name, pooling } of tables) if (pooling === 'none') fixed.add(name);
  for (const encoder of structure?.sequence_encoders ?? []) {
    const read = encoder.kind === 'hstu' ? [encoder.table] : [encoder.candidate, encoder.behaviours];
    for (const { name } of tables) {
      if (read.some((one) => name === one || name.replace(/-\d+$/, '') === one)) fixed.add(name);
    }
  }
  const interaction = structure?.interaction;
  if (interaction?.kind === 'neumf') for (const name of interaction.product_tables) fixed.add(name);
  return fixed;
}

/** A net around other tables. Its operators keep the data type that they have, whatever the model file says. */
function rebuilt(net: Net, tables: Net['tables'], factors: { dim: number; denseWidth: number }): Net {
  if (!net.structure) {
    throw new InputError(`net '${net.name}' says nothing of its structure, so it cannot grow`);
  }
  const structure = grownStructure(net.structure, net.tables[0].embeddingDim, factors);
  const operators = denseOperators(
    structure,
    tables,
    (key, message) => new InputError(`net '${net.name}' cannot grow so: ${key.join('.')}: ${message}`),
  );
  const dataType = net.operators[0]?.dataType;
  return {
    ...net,
    tables,
    operators: operators.map((one) => (one.dataType === dataType ? one : operatorIn(one, dataType))),
    structure,
  };
}

function grownStructure(
  structure: NetStructure,
  embeddingDim: number,
  { dim, denseWidth }: { dim: number; denseWidth: number },
): NetStructure {
  const hidden = (widths: readonly number[]) => widths.map((width) => scaledWidth(width, denseWidth));
  const { bottom_mlp, top_mlp, interaction, sequence_encoders } = structure;
  const isTied = interaction.kind === 'dot' && bottom_mlp !== undefined && bottom_mlp.length > 0;
  return {
    ...structure,
    ...(bottom_mlp && {
      bottom_mlp: isTied
        ? [...hidden(bottom_mlp.slice(0, -1)), scaledWidth(embeddingDim, dim)]
        : hidden(bottom_mlp),
    }),
    // What a net hands on, a score at its end, keeps its width.
    top_mlp: [...hidden(top_mlp.slice(0, -1)), ...top_mlp.slice(-1)],
    interaction: grownInteraction(interaction, hidden),
    ...(sequence_encoders && {
      sequence_encoders: sequence_encoders.map((encoder) => grownEncoder(encoder, dim, hidden)),
    }),
  };
}

type Hidden = (widths: readonly number[]) => number[];

function grownInteraction(interaction: InteractionFile, hidden: Hidden): InteractionFile {
  switch (interaction.kind) {
    case 'dcnv2':
      return { ...interaction, rank: hidden([interaction.rank])[0] };
    case 'neumf':
      return { ...interaction, mlp: hidden(interaction.mlp) };
    case 'wukong': {
      const { mlp, projection_mlp: projection } = interaction;
      return {
        ...interaction,
        mlp: hidden(mlp),
        ...(projection && { projection_mlp: hidden(projection) }),
      };
    }
    default:
      return interaction;
  }
}

/** An encoder's own width follows the embeddings that it is mixed with. */
function grownEncoder(encoder: SequenceEncoderFile, dim: number, hidden: Hidden): SequenceEncoderFile {
  if (encoder.kind === 'din') return { ...encoder, attention_mlp: hidden(encoder.attention_mlp) };
  return encoder.model_dim === undefined
    ? encoder
    : { ...encoder, model_dim: scaledWidth(encoder.model_dim, dim) };
}
