/**
 * Does work on several items at the same time.
 * @param watch told at the beginning, and as each item is done, which is the first that is not
 * @returns how each ended, in the order of the items
 */
export async function sideBySide<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  watch: (next: Item) => Promise<void>,
): Promise<PromiseSettledResult<Result>[]> {
  const open = new Set(items);
  const watchNext = async () => {
    const [next] = open;
    if (next !== undefined) await watch(next);
  };
  await watchNext();
  return Promise.allSettled(
    items.map(async (item) => {
      try {
        return await work(item);
      } finally {
        open.delete(item);
        await watchNext();
      }
    }),
  );
}
