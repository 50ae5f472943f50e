/** What a value has that data may not have, and where. */
interface Unfit {
  path: PropertyKey[];
  message: string;
}

/** The key through which a text could reach into the prototype of every object. */
const forbiddenKey = '__proto__';

/**
 * Finds a value that contains itself, a forbidden key, or more than `maxDepth` levels of lists and mappings.
 * Values that stand in several places are walked once.
 */
export function findUnfit(root: unknown, maxDepth: number): Unfit | undefined {
  const heights = new Map<object, number>();
  const ancestors = new Set<object>();
  const path: PropertyKey[] = [];
  let unfit: Unfit | undefined;

  /** Levels at and below a value; sets `unfit` and stops at the first finding. */
  const heightOf = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) return 0;
    const known = heights.get(value);
    if (known !== undefined && path.length + known <= maxDepth) return known;
    if (ancestors.has(value)) return found('this value contains itself through an alias');
    if (path.length >= maxDepth) return found(`nested more than ${maxDepth} levels deep`);
    ancestors.add(value);
    let height = 1;
    for (const [key, child] of Object.entries(value)) {
      path.push(Array.isArray(value) ? Number(key) : key);
      if (key === forbiddenKey) found(`'${forbiddenKey}' cannot be a key`);
      height = Math.max(height, 1 + heightOf(child));
      if (unfit) return height;
      path.pop();
    }
    ancestors.delete(value);
    heights.set(value, height);
    return height;
  };
  const found = (message: string): number => {
    unfit ??= { path: [...path], message };
    return 0;
  };
  heightOf(root);
  return unfit;
}
