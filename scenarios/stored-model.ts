import { InputError } from '../foundation/problem.ts';
import { formatBytes, formatPercent } from '../foundation/units.ts';
import type { Model } from '../models/model.ts';
import { withPruning } from '../models/prune.ts';
import { withDenseDataType, withTableDataType, withTypesBySize } from '../models/retype.ts';
import type { TableStorage } from './deployment.ts';
import type { Locating } from './locating.ts';
import type { ArmSpec } from './schema.ts';

/**
 * The model with its tables stored, pruned and its dense operators computed as the arm asks, and what became of the
 * tables; no `storage` where the arm leaves them as they are.
 * @throws InputError, located, for remap entries too narrow to number the rows
 */
export function storedModel(
  original: Model,
  spec: ArmSpec,
  located: Locating,
): { model: Model; storage?: TableStorage } {
  const { table_data_type, pruning, dense_data_type } = spec;
  const stored = retyped(original, table_data_type);
  const pruned = pruning ? withPruning(stored, planOf(pruning), original) : stored;
  if (pruning) located(['pruning', 'remap_bytes'], () => checkRemap(pruned));
  const model = dense_data_type === undefined ? pruned : withDenseDataType(pruned, dense_data_type);
  if (pruned === original) return { model };
  const notes = [...ruleNotes(original, stored, spec), ...pruningNotes(original, stored, pruned, spec)];
  return { model, storage: { originalBytes: bytesOf(original), notes } };
}

function retyped(model: Model, asked: ArmSpec['table_data_type']): Model {
  if (asked === undefined) return model;
  if (typeof asked === 'string') return withTableDataType(model, asked);
  return withTypesBySize(
    model,
    asked.map(({ type, at_least }) => ({ type, atLeastBytes: at_least })),
  );
}

function planOf({ share, at_least, remap_bytes }: NonNullable<ArmSpec['pruning']>) {
  return { share, atLeastBytes: at_least, remapBytes: remap_bytes };
}

/** A remap entry numbers the rows that are left, and has one more value for a row that is gone. */
function checkRemap(model: Model): void {
  for (const { name, numEmbeddings, pruning } of tablesOf(model)) {
    if (pruning && numEmbeddings > 2 ** (8 * pruning.remapBytes) - 1) {
      throw new InputError(
        `${pruning.remapBytes} bytes cannot number the ${numEmbeddings} rows that are left of table '${name}'`,
      );
    }
  }
}

function ruleNotes(original: Model, stored: Model, { table_data_type: rules }: ArmSpec): string[] {
  if (typeof rules === 'string' || rules === undefined) return [];
  const unused = rules
    .filter(({ at_least }) => at_least > largestOf(original))
    .map(({ type, at_least }) => `table_data_type ${type}: ${noneReaches(at_least, original)}`);
  const narrowed = tablesOf(stored).some(
    ({ dataType }, index) => dataType !== tablesOf(original)[index].dataType,
  );
  if (narrowed || unused.length === rules.length) return unused;
  return [...unused, 'table_data_type has no effect: it makes the rows of no table smaller'];
}

function pruningNotes(original: Model, stored: Model, pruned: Model, { pruning }: ArmSpec): string[] {
  if (!pruning) return [];
  if (pruning.at_least > largestOf(original)) {
    return [`pruning: ${noneReaches(pruning.at_least, original)}`];
  }
  const asked = tablesOf(original).filter(({ sizeBytes }) => sizeBytes >= pruning.at_least).length;
  const changed = tablesOf(pruned).filter((table) => table.pruning).length;
  if (changed === asked) return [];
  const share = formatPercent(pruning.share);
  const which = changed === 0 ? 'no table' : `${changed} of ${asked} tables`;
  const inTheirType = bytesOf(stored) < bytesOf(original) ? ', stored as they are,' : '';
  return [
    `pruning changes ${which}: ${share} of the rows of the others${inTheirType} ` +
      `take no more than remap vectors of ${pruning.remap_bytes} B a row`,
  ];
}

function noneReaches(bytes: number, model: Model): string {
  return (
    `has no effect, no table of ${model.name} has ${formatBytes(bytes)} ` +
    `(the largest: ${formatBytes(largestOf(model))})`
  );
}

function tablesOf({ nets }: Model) {
  return nets.flatMap(({ tables }) => tables);
}

function bytesOf(model: Model): number {
  return tablesOf(model).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function largestOf(model: Model): number {
  return tablesOf(model).reduce((largest, { sizeBytes }) => Math.max(largest, sizeBytes), 0);
}
