type Mapping = Record<string, unknown>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * `base` changed by `override`: mappings merge key by key, everything else is replaced. A mapping that states
 * its `kind` replaces the old one whole, since the fields of another kind do not apply to it.
 */
export function merge(base: unknown, override: unknown): unknown {
  if (!isMapping(base) || !isMapping(override) || 'kind' in override) return override;
  const merged: Mapping = { ...base };
  for (const [key, value] of Object.entries(override)) {
    merged[key] = Object.hasOwn(base, key) ? merge(base[key], value) : value;
  }
  return merged;
}

/** Whether the field at a path of `merge(base, override)` comes from the override; so does one that neither has. */
export function isWrittenIn(override: unknown, base: unknown, path: readonly PropertyKey[]): boolean {
  if (!isMapping(override) || !isMapping(base) || 'kind' in override) return true;
  const [key, ...rest] = path;
  if (key === undefined) return true;
  if (!Object.hasOwn(override, key)) return !Object.hasOwn(base, key);
  return isWrittenIn(override[String(key)], base[String(key)], rest);
}

/** Sets a dotted path such as `fleet.main.host`, or `rules.1.type` of a list that has it, copying what it changes. */
export function withPath(base: unknown, path: readonly string[], value: unknown): unknown {
  if (path.length === 0) return value;
  const [key, ...rest] = path;
  if (Array.isArray(base) && Object.hasOwn(base, key) && key !== 'length') {
    return base.with(Number(key), withPath(base[Number(key)], rest, value));
  }
  const mapping = isMapping(base) ? base : {};
  return { ...mapping, [key]: withPath(Object.hasOwn(mapping, key) ? mapping[key] : undefined, rest, value) };
}

/** What is wrong with a dotted path that names an entry which a list does not have. */
export function missingEntry(base: unknown, path: readonly string[]): string | undefined {
  let inner = base;
  for (const [depth, key] of path.entries()) {
    if (typeof inner !== 'object' || inner === null) return undefined;
    const isThere = Object.hasOwn(inner, key) && !(Array.isArray(inner) && key === 'length');
    if (Array.isArray(inner) && !isThere) {
      const list = path.slice(0, depth).join('.');
      return `${list} has no entry '${key}': it lists ${inner.length}, counted from 0`;
    }
    inner = isThere ? (inner as Mapping)[key] : undefined;
  }
  return undefined;
}

/** Every combination of one value from each list, the last list varying fastest. */
export function combinations<Value>(lists: Record<string, Value[]>): Record<string, Value>[] {
  return Object.entries(lists).reduce<Record<string, Value>[]>(
    (partial, [key, values]) =>
      partial.flatMap((chosen) => values.map((value) => ({ ...chosen, [key]: value }))),
    [{}],
  );
}

/** The leaves of `complete` that `given` lacks: the defaults that were filled in. */
export function addedLeaves(
  given: unknown,
  complete: unknown,
  path: string[] = [],
): { path: string; value: string | number | boolean }[] {
  if (isMapping(complete)) {
    return Object.entries(complete).flatMap(([key, value]) =>
      addedLeaves(isMapping(given) && Object.hasOwn(given, key) ? given[key] : undefined, value, [
        ...path,
        key,
      ]),
    );
  }
  const isScalar = ['string', 'number', 'boolean'].includes(typeof complete);
  return given === undefined && isScalar
    ? [{ path: path.join('.'), value: complete as string | number | boolean }]
    : [];
}

/** What stands at a path of nested mappings, or undefined. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, key) => (isMapping(inner) ? inner[key] : undefined), value);
}
