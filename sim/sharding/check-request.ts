import { didYouMean } from '../../foundation/near-name.ts';
import { InputError } from '../../foundation/problem.ts';
import type { Model } from '../../models/model.ts';
import { divideShards } from './net-specific.ts';
import { tablesOf } from './placement.ts';
import type { ShardingRequest } from './request.ts';

/** Checks a request against its model. @throws InputError listing everything that is wrong. */
export function checkRequest(model: Model, request: ShardingRequest): void {
  const problems = requestProblems(model, request);
  if (problems.length > 0) throw new InputError(problems.map((message) => ({ message })));
}

/** Everything that is wrong with a request; empty when it makes sense. */
export function requestProblems(model: Model, request: ShardingRequest): string[] {
  const { shards, capacityBytesPerShard } = request;
  const problems: string[] = [];
  if (!Number.isInteger(shards) || shards < 1) {
    problems.push(`shards: expected a whole number of at least 1, got ${shards}`);
  }
  if (!(capacityBytesPerShard > 0)) {
    problems.push(`capacity: expected bytes above zero, got ${capacityBytesPerShard}`);
  }
  return [...problems, ...splitProblems(model, request), ...strategyProblems(model, request)];
}

/** Tables that the request says how to split. */
function namesOf({ rowWise = 'auto', columnWise = {} }: ShardingRequest) {
  return { byRows: rowWise === 'auto' ? [] : rowWise, byColumns: Object.keys(columnWise) };
}

function splitProblems(model: Model, request: ShardingRequest): string[] {
  const dims = new Map(tablesOf(model).map(({ table }) => [table.name, table.embeddingDim]));
  const { byRows, byColumns } = namesOf(request);
  const problems = [...byRows, ...byColumns]
    .filter((name) => !dims.has(name))
    .map((name) => unknownTable(name, [...dims.keys()]));
  for (const [name, slices] of Object.entries(request.columnWise ?? {})) {
    const dim = dims.get(name);
    if (dim === 1) {
      problems.push(`column-wise '${name}': a table of embedding_dim 1 has no columns to split`);
    } else if (!Number.isInteger(slices) || slices < 2 || slices > (dim ?? slices)) {
      const range = dim === undefined ? 'at least 2' : `2 to ${dim}`;
      problems.push(`column-wise '${name}': expected ${range} slices, got ${slices}`);
    }
    if (byRows.includes(name)) problems.push(`table '${name}' is asked to be split both ways`);
  }
  return problems;
}

/** What the strategy of a request has no use for, or too few shards for. */
function strategyProblems(model: Model, request: ShardingRequest): string[] {
  const { strategy, shards } = request;
  const { byRows, byColumns } = namesOf(request);
  if (strategy === 'singular' || strategy === 'one-shard') {
    // Both are named: a singular host is checked as one shard of its size.
    return Object.entries({ row_wise: byRows, column_wise: byColumns })
      .filter(([, names]) => names.length > 0)
      .map(
        ([key, names]) =>
          `${key} (${names.join(', ')}) has no effect with singular or one-shard: all tables are on one host`,
      );
  }
  if (strategy !== 'nsbp' || !Number.isInteger(shards)) return [];
  const nets = model.nets.filter((net) => net.tables.length > 0).length;
  if (shards < nets) {
    return [`nsbp needs a shard for each of the ${nets} nets that have tables, got ${shards} of them`];
  }
  return shards === 1 ? [] : narrowNets(model, request);
}

/** Tables to be split in nets to which nsbp gives a single shard of several. */
function narrowNets(model: Model, request: ShardingRequest): string[] {
  const { byRows, byColumns } = namesOf(request);
  const named = new Set([...byRows, ...byColumns]);
  return divideShards(tablesOf(model), request.shards)
    .filter(({ shards }) => shards === 1)
    .flatMap(({ tables, net }) =>
      tables.map(({ table }) => ({ name: table.name, net: model.nets[net].name })),
    )
    .filter(({ name }) => named.has(name))
    .map(
      ({ name, net }) =>
        `table '${name}' cannot be split: nsbp gives its net '${net}' 1 of ${request.shards} shards`,
    );
}

/** Tables that a message about an unknown one lists. */
const listed = 5;

function unknownTable(name: string, known: readonly string[]): string {
  const near = didYouMean(name, known);
  const more = known.length > listed ? `, … (${known.length} in all)` : '';
  return `unknown table '${name}'${near || `; the model has ${known.slice(0, listed).join(', ')}${more}`}`;
}
