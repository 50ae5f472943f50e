import type { SourceDocument } from '../../foundation/document.ts';
import { isMapping, isWrittenIn, merge } from '../merge.ts';
import { sourceOf, type Variant } from '../variants.ts';

/** The fields of an arm with `vertical_defaults` merged into every vertical that does not state them. */
export function withVerticalDefaults(fields: unknown): unknown {
  if (!isMapping(fields) || !isMapping(fields.verticals) || !isMapping(fields.vertical_defaults))
    return fields;
  const defaults = fields.vertical_defaults;
  const verticals = Object.entries(fields.verticals).map(([name, vertical]) => [
    name,
    // An empty entry is a vertical of which the defaults say everything.
    merge(defaults, vertical ?? {}),
  ]);
  return { ...fields, verticals: Object.fromEntries(verticals) };
}

/** Where a field of an arm was written: as elsewhere, or in `vertical_defaults`. */
export function distilledSourceOf(
  document: SourceDocument,
  variant: Variant,
  path: readonly PropertyKey[],
): PropertyKey[] {
  const [section, name, ...inner] = path;
  const fields = variant.value;
  if (section !== 'verticals' || inner.length === 0 || !isMapping(fields))
    return sourceOf(document, variant, path);
  const { verticals, vertical_defaults: defaults } = fields;
  const own = isMapping(verticals) ? (verticals[String(name)] ?? {}) : undefined;
  const isDefault = isMapping(own) && isMapping(defaults) && !isWrittenIn(own, defaults, inner);
  return sourceOf(document, variant, isDefault ? ['vertical_defaults', ...inner] : path);
}
