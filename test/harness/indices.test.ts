import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import { zipfIndices } from '../../harness/operators/indices.ts';

const indices = suite('zipf indices');

/** Chi-square over ranks, rare ones pooled so that each class expects 20 or more; in standard deviations. */
function chiSquareZ(counts: readonly number[], expected: readonly number[]): number {
  let sum = 0;
  let classes = 0;
  let seen = 0;
  let due = 0;
  for (let rank = 0; rank < counts.length; rank++) {
    seen += counts[rank];
    due += expected[rank];
    if (due < 20 && rank < counts.length - 1) continue;
    sum += (seen - due) ** 2 / due;
    classes++;
    seen = 0;
    due = 0;
  }
  return (sum - (classes - 1)) / Math.sqrt(2 * (classes - 1));
}

function expectedCounts(rows: number, skew: number, draws: number): number[] {
  const weights = Array.from({ length: rows }, (_, i) => (i + 1) ** -skew);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (draws * weight) / total);
}

function countsByRow(rows: number, skew: number, draws: number): number[] {
  const counts = new Array<number>(rows).fill(0);
  for (const row of zipfIndices(new RandomStream(11, rows), draws, rows, skew)) counts[row]++;
  return counts;
}

for (const skew of [0, 0.5, 0.999999, 1, 1.05, 1.2, 2]) {
  indices(`follow the law of exponent ${skew}`, () => {
    const draws = 200_000;
    const rows = 1000;
    const counts = countsByRow(rows, skew, draws);
    // The scatter that the law's docstring tells, undone: row (rank + 1) × step.
    const step = 619;
    const byRank = counts.map((_, rank) => counts[((rank + 1) * step) % rows]);
    const z = chiSquareZ(byRank, expectedCounts(rows, skew, draws));
    assert.ok(Math.abs(z) < 4, `chi-square is ${z} standard deviations off`);
  });
}

indices('would be told apart from another exponent', () => {
  const counts = countsByRow(1000, 1.05, 200_000);
  const byRank = counts.map((_, rank) => counts[((rank + 1) * 619) % 1000]);
  assert.ok(chiSquareZ(byRank, expectedCounts(1000, 1.1, 200_000)) > 10);
});

indices('are scattered by a bijection: as many popular rows as the law has', () => {
  for (const rows of [1, 2, 3, 4, 10, 97, 1000, 1024]) {
    const sorted = countsByRow(rows, 0, 400 * rows).toSorted((a, b) => a - b);
    assert.ok(sorted[0] > 0, `${rows} rows: each is drawn`);
  }
});

indices('stay in range, up to tables of 10⁸ rows', () => {
  for (const rows of [1, 7, 1_000_003, 100_000_000]) {
    for (const skew of [0, 0.8, 1, 1.3, 3]) {
      const drawn = zipfIndices(new RandomStream(3, rows), 20_000, rows, skew);
      assert.ok(
        drawn.every((row) => row >= 0 && row < rows),
        `${rows} ${skew}`,
      );
    }
  }
});

indices('of a large table repeat by popularity: the top row has its share', () => {
  const rows = 1_000_000;
  const draws = 100_000;
  const counts = new Map<number, number>();
  for (const row of zipfIndices(new RandomStream(4), draws, rows, 1)) {
    counts.set(row, (counts.get(row) ?? 0) + 1);
  }
  const harmonic = Math.log(rows) + 0.5772156649;
  const share = Math.max(...counts.values()) / draws;
  assert.ok(Math.abs(share - 1 / harmonic) < 0.004, `${share} instead of ${1 / harmonic}`);
});

indices('follow from their stream', () => {
  const draw = (seed: number) => [...zipfIndices(new RandomStream(seed), 50, 1000, 1.05)];
  assert.equal(draw(1), draw(1));
  assert.not.equal(draw(1), draw(2));
});

indices.run();
