/** What stands for an array of doubles in JSON. */
const tag = '$float64';

/** Plain data with arrays of doubles as JSON can carry it. */
export function packed(value: unknown): unknown {
  if (value instanceof Float64Array) return { [tag]: [...value] };
  return mapped(value, packed);
}

/** What `packed` was given; nothing for nothing. */
export function unpacked<Value>(value: unknown): Value | undefined {
  return value === undefined ? undefined : (revived(value) as Value);
}

function revived(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && tag in value) {
    return Float64Array.from(value[tag] as number[]);
  }
  return mapped(value, revived);
}

/** Fields that are undefined are left out, as JSON does. */
function mapped(value: unknown, map: (inner: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(map);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(fields.map(([key, inner]) => [key, map(inner)]));
}
