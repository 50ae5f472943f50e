/** Parts of the range over which a sample is even. */
const parts = 12;

/**
 * At most so many items, even over the logarithm of their position: each twelfth of its range has as many places, and
 * what a sparse one leaves goes to the others. Within a part they are taken at even steps of their order by level.
 * @param position above 0
 * @returns items in order of position
 */
export function evenSample<Item>(
  items: readonly Item[],
  most: number,
  position: (item: Item) => number,
  level: (item: Item) => number,
): Item[] {
  const byPosition = (a: Item, b: Item) => position(a) - position(b) || level(a) - level(b);
  const chosen = items.length <= most ? [...items] : thinned(items, most, position, level);
  return chosen.sort(byPosition);
}

function thinned<Item>(
  items: readonly Item[],
  most: number,
  position: (item: Item) => number,
  level: (item: Item) => number,
): Item[] {
  const logs = items.map((item) => Math.log(position(item)));
  const low = logs.reduce((least, log) => Math.min(least, log), Number.POSITIVE_INFINITY);
  const high = logs.reduce((largest, log) => Math.max(largest, log), Number.NEGATIVE_INFINITY);
  const groups = Array.from({ length: parts }, (): Item[] => []);
  items.forEach((item, index) => {
    const part = high > low ? Math.floor(((logs[index] - low) / (high - low)) * parts) : 0;
    groups[Math.min(part, parts - 1)].push(item);
  });
  let places = most;
  return groups
    .sort((a, b) => a.length - b.length)
    .flatMap((group, index) => {
      const count = Math.min(group.length, Math.floor(places / (parts - index)));
      places -= count;
      return spread(
        group.sort((a, b) => level(a) - level(b)),
        count,
      );
    });
}

/** So many of some items, at even steps: of a single place the middle one. */
function spread<Item>(items: readonly Item[], count: number): Item[] {
  const step = items.length / count;
  return Array.from({ length: count }, (_, place) => items[Math.floor((place + 0.5) * step)]);
}
