import { RandomStream } from '../foundation/random.ts';
import { formatBytes } from '../foundation/units.ts';
import type { TableDataType } from './model.ts';
import { rowBytes } from './row-bytes.ts';
import type { GeneratedTables, ListedTable } from './schema-tables.ts';

/** A pin of the generator that cannot be met; `key` is the key of the file that is at fault. */
export class ImpossiblePin extends Error {
  readonly key: string;

  constructor(key: string, message: string) {
    super(message);
    this.key = key;
  }
}

type Level = 'user' | 'candidate';

/** Purposes of the random streams, so that changing one choice leaves the other draws alone. */
const purpose = { dims: 1, sizes: 2, levels: 3, pooling: 4, presence: 5 };

/** Pooling factors are multiples of this, so that their sum is exact in floating point. */
const poolingUnit = 1 / 16;

/**
 * Draws tables with a long-tailed size distribution, pinned to totals: bytes to within one row of the widest
 * table, the largest table to within one of its rows, Σ pooling factors of each level exactly (for totals that
 * are multiples of 1/16; every factor is at least 1). The same seed gives the same tables.
 * @throws ImpossiblePin when no tables satisfy the pins.
 */
export function generateTables(
  pins: GeneratedTables,
  prefix: string,
  dataType: TableDataType,
): ListedTable[] {
  const dims = drawDims(pins);
  const rows = drawRows(
    pins,
    dims.map((dim) => rowBytes(dataType, dim)),
  );
  const levels = drawLevels(pins);
  const pooling = drawPooling(pins, levels);
  const presence = drawPresence(pins);
  const { name, pooling: reduction, pooling_distribution, skew } = pins;
  return dims.map((dim, index) => ({
    name: `${name ?? prefix}-${index}`,
    num_embeddings: rows[index],
    embedding_dim: dim,
    data_type: dataType,
    pooling_factor: pooling[index],
    level: levels[index],
    ...(presence && { presence: presence[index] }),
    ...(reduction && { pooling: reduction }),
    ...(pooling_distribution && { pooling_distribution }),
    ...(skew && { skew }),
  }));
}

function drawDims({ seed, count, embedding_dims: choices }: GeneratedTables): number[] {
  const stream = new RandomStream(seed, purpose.dims);
  const totalWeight = sum(choices.map(({ weight }) => weight));
  return Array.from({ length: count }, () => {
    let left = stream.uniform() * totalWeight;
    for (const { dim, weight } of choices) {
      left -= weight;
      if (left <= 0) return dim;
    }
    return choices[choices.length - 1].dim;
  });
}

function drawRows(pins: GeneratedTables, bytesPerRow: number[]): number[] {
  checkSizePins(pins, bytesPerRow);
  const { seed, count, total_size: total, largest_table: largest } = pins;
  const stream = new RandomStream(seed, purpose.sizes);
  const largestIndex = largest === undefined ? -1 : stream.below(count);
  const cap =
    largest === undefined
      ? total
      : Math.floor(largest / bytesPerRow[largestIndex]) * bytesPerRow[largestIndex];
  const sizeOf = sizeFunction(pins, cap);
  const quantiles = bytesPerRow.map(() =>
    pins.size_distribution.kind === 'lognormal' ? stream.normal() : stream.uniform(),
  );
  const sizesAt = (tuning: number) =>
    bytesPerRow.map((bytes, i) => (i === largestIndex ? cap : Math.max(bytes, sizeOf(quantiles[i], tuning))));
  const sizes = sizesAt(increasingRoot((tuning) => sum(sizesAt(tuning)), total));
  return roundToRows(sizes, bytesPerRow, cap, total);
}

function checkSizePins(pins: GeneratedTables, bytesPerRow: number[]): void {
  const { count, total_size: total, largest_table: largest } = pins;
  const least = sum(bytesPerRow);
  if (least > total) {
    const message = `${count} tables of one row are already ${formatBytes(least)}, above this total`;
    throw new ImpossiblePin('total_size', message);
  }
  if (largest === undefined) return;
  if (largest > total) {
    const message = `the largest table (${formatBytes(largest)}) exceeds the total of ${formatBytes(total)}`;
    throw new ImpossiblePin('largest_table', message);
  }
  if (largest * count < total || bytesPerRow.some((bytes) => bytes > largest)) {
    const message = `${count} tables of at most ${formatBytes(largest)} cannot hold ${formatBytes(total)}`;
    throw new ImpossiblePin('largest_table', message);
  }
  if (count > 1 && largest + least - bytesPerRow.reduce((a, b) => Math.min(a, b)) > total) {
    const message = `beside a table of ${formatBytes(largest)} the total leaves no row for each of the others`;
    throw new ImpossiblePin('total_size', message);
  }
}

/** Size in bytes, at most `cap`, from a table's random quantile and a tuning in (0, 1) that raises all sizes. */
function sizeFunction(pins: GeneratedTables, cap: number): (quantile: number, tuning: number) => number {
  if (pins.size_distribution.kind === 'lognormal') {
    const { sigma } = pins.size_distribution;
    return (normal, tuning) => Math.min(cap, cap * (tuning / (1 - tuning)) * Math.exp(sigma * normal));
  }
  return (uniform, tuning) => cap * truncatedExponential(uniform, 1 / tuning - 1 / (1 - tuning));
}

/** Inverse distribution function on [0, 1] of density ∝ e^(−rate·x); a negative rate leans to 1, 0 is uniform. */
function truncatedExponential(uniform: number, rate: number): number {
  if (Math.abs(rate) < 1e-9) return uniform;
  if (rate < 0) return 1 - truncatedExponential(1 - uniform, -rate);
  return Math.min(1, -Math.log1p(uniform * Math.expm1(-rate)) / rate);
}

/** Argument in (0, 1) at which an increasing function reaches `target`, by bisection. */
function increasingRoot(of: (x: number) => number, target: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (of(middle) < target) low = middle;
    else high = middle;
  }
  return low > 0 ? low : high;
}

/**
 * Sizes in bytes as whole rows of at most `cap` bytes. The rounding of one table is carried into the next, so
 * that the total stays within a row; a table of exactly `cap` is the pinned one and stays.
 */
function roundToRows(sizes: number[], bytesPerRow: number[], cap: number, total: number): number[] {
  const rows = sizes.map((size, i) => (size === cap ? Math.floor(cap / bytesPerRow[i]) : 1));
  let missing = total - sum(rows.map((count, i) => count * bytesPerRow[i]));
  const give = (i: number, wantedRows: number) => {
    const atMost = Math.max(1, Math.floor(cap / bytesPerRow[i]));
    const next = Math.min(atMost, Math.max(1, wantedRows));
    missing -= (next - rows[i]) * bytesPerRow[i];
    rows[i] = next;
  };
  let carry = 0;
  sizes.forEach((size, i) => {
    if (size === cap) return;
    give(i, Math.round((size + carry) / bytesPerRow[i]));
    carry += size - rows[i] * bytesPerRow[i];
  });
  for (let i = 0; i < rows.length && Math.abs(missing) >= bytesPerRow[i] / 2; i++) {
    if (sizes[i] !== cap) give(i, rows[i] + Math.round(missing / bytesPerRow[i]));
  }
  if (bytesPerRow.every((bytes) => Math.abs(missing) > bytes)) {
    const message = `whole rows cannot add up to ${formatBytes(total)}: ${formatBytes(missing)} are left over`;
    throw new ImpossiblePin('total_size', message);
  }
  return rows;
}

function drawLevels({ seed, count, user_share: userShare = 0 }: GeneratedTables): Level[] {
  const stream = new RandomStream(seed, purpose.levels);
  const users = Math.round(userShare * count);
  const levels = Array.from({ length: count }, (_, i): Level => (i < users ? 'user' : 'candidate'));
  for (let i = count - 1; i > 0; i--) {
    const j = stream.below(i + 1);
    [levels[i], levels[j]] = [levels[j], levels[i]];
  }
  return levels;
}

function drawPooling(pins: GeneratedTables, levels: Level[]): number[] {
  const stream = new RandomStream(pins.seed, purpose.pooling);
  const spread = pins.pooling_spread ?? { kind: 'exponential' };
  const weights = levels.map(() => {
    if (spread.kind === 'equal') return 1;
    return spread.kind === 'exponential' ? stream.exponential() : Math.exp(spread.sigma * stream.normal());
  });
  const pooling = new Array<number>(levels.length);
  for (const level of ['user', 'candidate'] as const) {
    const members = levels.flatMap((other, index) => (other === level ? [index] : []));
    const total = pins.total_pooling[level] ?? 0;
    if (members.length === 0 ? total > 0 : total < members.length) {
      const message = `${members.length} ${level}-level tables cannot have ${total} lookups: each needs at least 1`;
      throw new ImpossiblePin('total_pooling', message);
    }
    const shares = share(
      total,
      members.map((index) => weights[index]),
    );
    members.forEach((index, k) => {
      pooling[index] = shares[k];
    });
  }
  return pooling;
}

/** Splits `total` into 1 + a part in proportion to each weight; the parts are rounded but their sum is exact. */
function share(total: number, weights: number[]): number[] {
  const perWeight = (total - weights.length) / sum(weights);
  let wanted = 0;
  let given = 0;
  return weights.map((weight, index) => {
    wanted += 1 + perWeight * weight;
    const upTo = index === weights.length - 1 ? total : Math.round(wanted / poolingUnit) * poolingUnit;
    const part = upTo - given;
    given = upTo;
    return part;
  });
}

function drawPresence({ seed, count, presence }: GeneratedTables): number[] | undefined {
  if (presence === undefined) return undefined;
  if (typeof presence === 'number') return Array.from({ length: count }, () => presence);
  const stream = new RandomStream(seed, purpose.presence);
  return Array.from(
    { length: count },
    () => presence.from + (presence.to - presence.from) * stream.uniform(),
  );
}

function sum(values: number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
