import { z } from 'zod';
import { mapping } from '../foundation/schema.ts';

/**
 * The same mapping with every field optional and without defaults, at every depth: what an arm may override.
 * Unions stay whole, so an override of one states its kind.
 */
export function deepPartial(schema: z.ZodObject): z.ZodObject {
  const optional = Object.entries(schema.shape).map(([key, field]) => [
    key,
    partialField(field as z.ZodType).optional(),
  ]);
  return mapping(Object.fromEntries(optional) as z.ZodRawShape);
}

function partialField(field: z.ZodType): z.ZodType {
  if (field instanceof z.ZodPrefault || field instanceof z.ZodDefault || field instanceof z.ZodOptional) {
    const inner = partialField(field.unwrap() as z.ZodType);
    return field.description === undefined ? inner : inner.describe(field.description);
  }
  return field instanceof z.ZodObject ? deepPartial(field) : field;
}
