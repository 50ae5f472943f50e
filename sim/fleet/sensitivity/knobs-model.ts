import { InputError } from '../../../foundation/problem.ts';
import { significant } from '../../../foundation/units.ts';
import type { EmbeddingTable, Model } from '../../../models/model.ts';
import { type ModelFactors, scaleModel } from '../../../models/scale-model.ts';
import type { ArmDeployment } from '../../../scenarios/deployment.ts';
import { tablesOf } from '../../sharding/placement.ts';
import type { Acts, Knob, Question, Turned, UnusedKnob } from './knobs-knob.ts';
import { acceleratorFill, cacheShareInWords, dramFill, fillInWords } from './knobs-words.ts';

/** The model: its tables, their size, and the work around them. */
export function modelKnobs({ plan }: Question): (Knob | UnusedKnob)[] {
  const { arm } = plan;
  const tables = tablesOf(arm.model).map(({ table }) => table);
  const knob = (
    id: keyof ModelFactors,
    name: string,
    words: (model: Model) => string,
    acts: Acts = {},
    changes?: Knob['changes'],
  ): Knob => ({
    id,
    name,
    kind: 'model',
    value: words(arm.model),
    turn: (factor) => grown(arm, { [id]: factor }, words),
    ...(changes && { changes }),
    acts,
  });
  const roomInWords = () => {
    const fill = dramFill(plan, 'sparse') ?? dramFill(plan, 'main') ?? acceleratorFill(plan);
    return [...(fill ? [fillInWords(fill)] : []), cacheShareInWords(plan)].join('; ');
  };
  return [
    knob(
      'rows',
      'rows per table',
      (model) => `${significant(mean(tablesIn(model), 'numEmbeddings') / 1e6)} M rows a table`,
      { components: ['sparse'], cutsBothWays: true, unnoticed: roomInWords },
      'placement',
    ),
    knob(
      'dim',
      'embedding dimension',
      (model) => `mean ${significant(mean(tablesIn(model), 'embeddingDim'))}`,
      { hiddenBy: 'operators are bound by launches, not by the width of vectors' },
      'placement',
    ),
    knob(
      'tables',
      'number of tables',
      (model) => `${tablesIn(model).length} tables`,
      { hiddenBy: 'lookups are a small part of the work' },
      'placement',
    ),
    knob(
      'denseWidth',
      'width of dense layers',
      (model) => `${significant(denseFlops(model) / 1e6)} MFLOP a candidate`,
      {
        components: ['dense'],
        hiddenBy: 'dense operators are bound by launches, not by their arithmetic',
      },
    ),
    skewKnob(arm, tables, roomInWords),
  ];
}

function skewKnob(
  arm: ArmDeployment,
  tables: readonly EmbeddingTable[],
  why: () => string,
): Knob | UnusedKnob {
  const known = { id: 'skew', name: 'skew of lookups', kind: 'model' as const };
  const skewed = tables.flatMap(({ skew }) => (skew.kind === 'zipf' ? [skew.exponent] : []));
  if (skewed.length === 0) return { ...known, unused: 'every row of the tables is as popular as the others' };
  const words = (factor: number) =>
    `Zipf exponent ${significant((skewed.reduce((sum, one) => sum + one, 0) / skewed.length) * factor)}`;
  return {
    ...known,
    value: words(1),
    turn: (factor) => ({ value: words(factor), arm: { ...arm, model: withSkew(arm.model, factor) } }),
    changes: 'caches',
    acts: { components: ['sparse', 'copy'], cutsBothWays: true, unnoticed: why },
  };
}

function withSkew(model: Model, factor: number): Model {
  const turned = (table: EmbeddingTable): EmbeddingTable =>
    table.skew.kind === 'zipf'
      ? { ...table, skew: { kind: 'zipf', exponent: table.skew.exponent * factor } }
      : table;
  return { ...model, nets: model.nets.map((net) => ({ ...net, tables: net.tables.map(turned) })) };
}

function grown(arm: ArmDeployment, factors: ModelFactors, words: (model: Model) => string): Turned {
  try {
    const model = scaleModel(arm.model, factors, { keep: arm.sharding.row_wise });
    const value = words(model);
    const isSame = JSON.stringify(model.nets) === JSON.stringify(arm.model.nets);
    return isSame ? { cannot: `${value} rounds to itself` } : { value, arm: { ...arm, model } };
  } catch (error) {
    if (error instanceof InputError) return { cannot: error.message };
    throw error;
  }
}

function tablesIn(model: Model): EmbeddingTable[] {
  return tablesOf(model).map(({ table }) => table);
}

function mean(tables: readonly EmbeddingTable[], field: 'numEmbeddings' | 'embeddingDim'): number {
  return tables.reduce((sum, table) => sum + table[field], 0) / tables.length;
}

function denseFlops({ nets }: Model): number {
  return nets.reduce(
    (sum, { operators }) => operators.reduce((inner, { flops }) => inner + flops.perCandidate, sum),
    0,
  );
}
