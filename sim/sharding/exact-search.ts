import type { Highs, ModelData } from 'highs';
import { Assignment, type Instance } from './assignment.ts';

/** What branch and bound found: a proven bound, and an assignment where it beats the one it started from. */
export interface ExactAnswer {
  boundS: number;
  shardOf?: Int32Array;
}

/** Feasibility tolerance of the solver, on rows scaled to about one. */
const tolerance = 1e-9;

/**
 * Branch and bound (HiGHS, loaded on first use) from an assignment that fits, for instances of a few hundred
 * piece × shard variables. The node limit counts work and the solver (one thread, fixed seed) draws the same
 * numbers, so the answer is the same everywhere, unless the time limit stops it: then there is no answer.
 * @returns undefined when the time limit stopped the solver or it failed
 */
export async function exactSearch(
  instance: Instance,
  start: Int32Array,
  { boundsS, nodes, timeLimitS }: { boundsS: Float64Array; nodes: number; timeLimitS: number },
): Promise<ExactAnswer | undefined> {
  const highs = await loadHighs();
  const startS = new Assignment(instance, start).objectiveS();
  const order = byDescendingTime(instance);
  return highs.withModel(formulate(instance, order, boundsS, startS, highs.infinity), (model) => {
    model.options.set({
      output_flag: false,
      random_seed: 0,
      mip_max_nodes: nodes,
      time_limit: timeLimitS,
      mip_rel_gap: tolerance,
      mip_abs_gap: tolerance,
      mip_feasibility_tolerance: tolerance,
      primal_feasibility_tolerance: tolerance,
    });
    model.setSolution({ colValue: incumbent(instance, order, start, startS) });
    model.run();
    const status = model.getModelStatus();
    const { optimal, solutionLimit } = highs.constants.modelStatus;
    if (status !== optimal && status !== solutionLimit) return undefined;
    const boundS = (Number(model.info.get('mip_dual_bound')) - 10 * tolerance * instance.nets) * startS;
    const found = readAssignment(instance, order, model.getSolution().colValue);
    // The solver's tolerance may let a shard overflow by a little; we do not.
    const better = found.isValid() && found.objectiveS() < startS;
    return better ? { boundS, shardOf: found.shardOf } : { boundS };
  });
}

/** The package's types describe its CommonJS form, where the loader sits one `default` deeper. */
async function loadHighs(): Promise<Highs> {
  const { default: loader } = await import('highs');
  return (loader as unknown as typeof loader.default)();
}

function byDescendingTime({ timeS }: Instance): Int32Array {
  return Int32Array.from(timeS.keys()).sort((a, b) => timeS[b] - timeS[a] || a - b);
}

/**
 * Minimise Σ over nets of the bounding time, each at least its known bound, in units of `unitS`. Column
 * rank × shards + shard says whether the piece of that rank is on that shard; the last columns are the bounding
 * times. Rows: one shard per piece, then the load of each net and shard, then the memory of each shard in units
 * of its capacity, then the parts of each split table on each shard. Shards are alike, so the piece of rank r
 * may only be on the first r + 1 of them.
 */
function formulate(
  instance: Instance,
  order: Int32Array,
  boundsS: Float64Array,
  unitS: number,
  infinity: number,
): ModelData {
  const { timeS, sizeBytes, net, nets, shards, capacityBytes, splitOf, mostTogether } = instance;
  const pieces = order.length;
  const choices = pieces * shards;
  const memoryRow = pieces + nets * shards;
  const splitRow = memoryRow + shards;
  const numRows = splitRow + mostTogether.length * shards;
  const numCols = choices + nets;
  const starts = [0];
  const indices: number[] = [];
  const values: number[] = [];
  const column = (entries: [row: number, value: number][]) => {
    for (const [row, value] of entries) {
      indices.push(row);
      values.push(value);
    }
    starts.push(indices.length);
  };
  order.forEach((piece, rank) => {
    const split = splitOf[piece];
    for (let shard = 0; shard < shards; shard++) {
      column([
        [rank, 1],
        [pieces + net[piece] * shards + shard, timeS[piece] / unitS],
        [memoryRow + shard, sizeBytes[piece] / capacityBytes],
        ...(split < 0 ? [] : [[splitRow + split * shards + shard, 1] as [number, number]]),
      ]);
    }
  });
  for (let n = 0; n < nets; n++) {
    column(Array.from({ length: shards }, (_, shard) => [pieces + n * shards + shard, -1]));
  }
  const isChoice = (col: number) => col < choices;
  const allowed = (col: number) => (col % shards <= Math.floor(col / shards) ? 1 : 0);
  const cols = Array.from({ length: numCols }, (_, col) => col);
  const rows = Array.from({ length: numRows }, (_, row) => row);
  return {
    numCols,
    numRows,
    colCost: cols.map((col) => (isChoice(col) ? 0 : 1)),
    colLower: cols.map((col) => (isChoice(col) ? 0 : boundsS[col - choices] / unitS)),
    colUpper: cols.map((col) => (isChoice(col) ? allowed(col) : infinity)),
    integrality: cols.map((col) => (isChoice(col) ? 1 : 0)),
    rowLower: rows.map((row) => (row < pieces ? 1 : -infinity)),
    rowUpper: rows.map((row) => {
      if (row >= splitRow) return mostTogether[Math.floor((row - splitRow) / shards)];
      return row >= pieces && row < memoryRow ? 0 : 1;
    }),
    matrix: { format: 'csc', numRows, numCols, starts, indices, values },
  };
}

/** The start as a solution, shards renamed in the order in which ranks first use them. */
function incumbent(instance: Instance, order: Int32Array, start: Int32Array, unitS: number): Float64Array {
  const { nets, shards } = instance;
  const values = new Float64Array(order.length * shards + nets);
  const renamed = new Map<number, number>();
  order.forEach((piece, rank) => {
    const shard = start[piece];
    if (!renamed.has(shard)) renamed.set(shard, renamed.size);
    values[rank * shards + renamed.get(shard)!] = 1;
  });
  const assignment = new Assignment(instance, start);
  for (let n = 0; n < nets; n++) {
    values[order.length * shards + n] = assignment.loadS[n * shards + assignment.boundingShard(n)] / unitS;
  }
  return values;
}

function readAssignment(instance: Instance, order: Int32Array, values: Float64Array): Assignment {
  const shardOf = new Int32Array(order.length);
  order.forEach((piece, rank) => {
    const choices = values.subarray(rank * instance.shards, (rank + 1) * instance.shards);
    shardOf[piece] = choices.indexOf(Math.max(...choices));
  });
  return new Assignment(instance, shardOf);
}
