/**
 * Whether two pieces of plain data (objects, lists, typed arrays, primitive values) say the same. NaN is the same as
 * NaN, a field that is undefined the same as one that is absent.
 */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (ArrayBuffer.isView(a) || Array.isArray(a)) {
    return isSameList(a as unknown as ArrayLike<unknown>, b as ArrayLike<unknown>);
  }
  const [fieldsOfA, fieldsOfB] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in fieldsOfA) if (!isSameValue(fieldsOfA[key], fieldsOfB[key])) return false;
  for (const key in fieldsOfB) if (fieldsOfA[key] === undefined && fieldsOfB[key] !== undefined) return false;
  return true;
}

function isSameList(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!isSameValue(a[i], b[i])) return false;
  return true;
}
