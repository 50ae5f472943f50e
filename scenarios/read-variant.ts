import type { z } from 'zod';
import { type SourceDocument, validate } from '../foundation/document.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError, locate } from '../foundation/problem.ts';
import type { Locating } from './locating.ts';
import { sourceOf, type Variant } from './variants.ts';

/** Finds where a field of a variant was written. */
export type SourceOf = typeof sourceOf;

/**
 * A scenario taken apart: its settings, checked, and the fields that its arms share, which are checked arm by arm.
 * @throws InputError for keys that no scenario of this kind has, and for settings that are wrong
 */
export function splitScenario<Settings extends z.ZodObject>(
  document: SourceDocument,
  value: Record<string, unknown>,
  schemas: { file: z.ZodObject; settings: Settings },
): { fields: Record<string, unknown>; settings: z.output<Settings>; base: Record<string, unknown> } {
  checkTopLevel(document, value, Object.keys(schemas.file.shape));
  const settingKeys = Object.keys(schemas.settings.shape);
  const { arms, ...fields } = value;
  const stated = { ...pick(fields, (key) => settingKeys.includes(key)), arms };
  const settings = validate({ ...document, value: stated }, schemas.settings);
  return { fields, settings, base: pick(fields, (key) => !settingKeys.includes(key)) };
}

/** Unknown keys of the scenario itself, with near names among all that may stand there. */
function checkTopLevel(
  document: SourceDocument,
  value: Record<string, unknown>,
  known: readonly string[],
): void {
  const unknown = Object.keys(value).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  throw new InputError(
    unknown.map((key) => document.problemAt([key], `unknown key '${key}'${didYouMean(key, known)}`)),
  );
}

/** What a variant says. @throws InputError at the place that wrote each field that is wrong */
export function validateVariant<Schema extends z.ZodType>(
  document: SourceDocument,
  variant: Variant,
  schema: Schema,
  writtenAt: SourceOf = sourceOf,
): z.output<Schema> {
  const { value } = variant;
  return validate(
    {
      file: document.file,
      value,
      problemAt: (path, message) => document.problemAt(writtenAt(document, variant, path), message),
    },
    schema,
  );
}

/** Looks up what fields of a variant name, relative to the file that wrote them. */
export function locating(
  document: SourceDocument,
  variant: Variant,
  writtenAt: SourceOf = sourceOf,
): Locating {
  return (path, find) => {
    const at = writtenAt(document, variant, path);
    const from = document.problemAt(at, '').file ?? document.file;
    return locate(
      (message) => document.problemAt(at, message),
      () => find(from),
    );
  };
}

function pick(value: Record<string, unknown>, keep: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => keep(key)));
}
