/** Rows that say the same of several arms as one, whose arm names them all; in the order of the first of each. */
export function alike<Row extends { arm: string }>(
  rows: readonly Row[],
  keyOf: (row: Row) => unknown,
  arms: number,
): Row[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(keyOf(row));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((group) => {
    const names = group.length === arms && arms > 1 ? 'all arms' : group.map(({ arm }) => arm).join(', ');
    return { ...group[0], arm: names };
  });
}
