/** Non-decreasing least-squares fit to a sequence (pool adjacent violators), equal weights. */
export function isotonic(values: readonly number[]): number[] {
  const blocks: { sum: number; count: number }[] = [];
  for (const value of values) {
    blocks.push({ sum: value, count: 1 });
    while (blocks.length > 1 && meanOf(blocks.at(-2)!) > meanOf(blocks.at(-1)!)) {
      const { sum, count } = blocks.pop()!;
      const last = blocks.at(-1)!;
      last.sum += sum;
      last.count += count;
    }
  }
  return blocks.flatMap((block) => new Array<number>(block.count).fill(meanOf(block)));
}

function meanOf({ sum, count }: { sum: number; count: number }): number {
  return sum / count;
}
