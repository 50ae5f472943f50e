import { z } from 'zod';
import type { DefaultUsed } from './deployment.ts';
import { isMapping } from './merge.ts';

/**
 * The defaults that a schema fills into a given value, as people write them (`25 us`, not 0.000025).
 * Optional fields without a default are not listed.
 */
export function statedDefaults(schema: z.ZodType, given: unknown, path = ''): DefaultUsed[] {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault) {
    const inner = schema.unwrap() as z.ZodType;
    if (given !== undefined) return statedDefaults(inner, given, path);
    const filled = schema.def.defaultValue;
    return [...leaves(filled, path), ...statedDefaults(inner, filled, path)];
  }
  if (schema instanceof z.ZodOptional) {
    return given === undefined ? [] : statedDefaults(schema.unwrap() as z.ZodType, given, path);
  }
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const option = (schema.options as z.ZodType[]).find((candidate) => candidate.safeParse(given).success);
    return option ? statedDefaults(option, given, path) : [];
  }
  if (schema instanceof z.ZodRecord && isMapping(given)) {
    return Object.entries(given).flatMap(([key, value]) =>
      statedDefaults(schema.valueType as z.ZodType, value, path === '' ? key : `${path}.${key}`),
    );
  }
  if (!(schema instanceof z.ZodObject) || !isMapping(given)) return [];
  return Object.entries(schema.shape).flatMap(([key, field]) =>
    statedDefaults(field as z.ZodType, given[key], path === '' ? key : `${path}.${key}`),
  );
}

function leaves(value: unknown, path: string): DefaultUsed[] {
  if (isMapping(value))
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isScalar && value !== '' ? [{ path, value }] : [];
}
