import { z } from 'zod';
import { mapping } from '../foundation/schema.ts';

/**
 * The same mapping with every field optional and without defaults, at every depth: what an arm may override.
 * A mapping that has a kind may be replaced by another kind, or changed in some of its fields.
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
  if (field instanceof z.ZodRecord) {
    return z.record(field.keyType as z.ZodString, partialField(field.valueType as z.ZodType));
  }
  if (field instanceof z.ZodDiscriminatedUnion) return z.union([field, someFields]);
  return field instanceof z.ZodObject ? deepPartial(field) : field;
}

/** Fields that change a mapping of the same kind; which ones it has is known when they have been merged. */
const someFields = z.record(z.string(), z.unknown());
