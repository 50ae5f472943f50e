import type { SourceDocument } from '../../foundation/document.ts';
import { InputError } from '../../foundation/problem.ts';
import { splitScenario, validateVariant } from '../read-variant.ts';
import { type ArmRules, expandArms, type Variant } from '../variants.ts';
import {
  type DistillationFields,
  type DistillationSettings,
  distillationArmEntrySchema,
  distillationArmSchema,
  distillationFileSchema,
  distillationSettingsSchema,
  maxDistillationArms,
  maxVerticals,
} from './schema.ts';
import { distilledSourceOf, withVerticalDefaults } from './vertical-defaults.ts';

/** A distillation scenario that agrees with the schema; the names in it are not looked up yet. */
export interface ReadDistillation {
  settings: DistillationSettings;
  /** All that the document states, but its arms. */
  fields: Record<string, unknown>;
  /** As they were written: `vertical_defaults` beside the verticals. */
  variants: Variant[];
  /** What each variant says, in their order, its defaults in every vertical. */
  specs: DistillationFields[];
}

const rules: ArmRules = {
  entrySchema: distillationArmEntrySchema,
  settingKeys: Object.keys(distillationSettingsSchema.shape),
  maxArms: maxDistillationArms,
};

/** Checks a scenario against the schema, arm by arm. @throws InputError with the position of every problem */
export function readDistillation(document: SourceDocument): ReadDistillation {
  const { fields, settings, base } = splitScenario(document, document.value as Record<string, unknown>, {
    file: distillationFileSchema,
    settings: distillationSettingsSchema,
  });
  const variants = expandArms(document, base, settings, rules);
  const specs = variants.map((variant) => {
    const complete = { ...variant, value: withVerticalDefaults(variant.value) };
    const spec = validateVariant(document, complete, distillationArmSchema, (_, __, path) =>
      distilledSourceOf(document, variant, path),
    );
    checkCount(document, variant, spec);
    return spec;
  });
  return { settings, fields, variants, specs };
}

function checkCount(document: SourceDocument, variant: Variant, { verticals }: DistillationFields): void {
  const count = Object.values(verticals).reduce((sum, vertical) => sum + vertical.count, 0);
  if (count <= maxVerticals) return;
  const message = `arm '${variant.name}' has ${count} verticals; at most ${maxVerticals} are simulated`;
  throw new InputError([document.problemAt(distilledSourceOf(document, variant, ['verticals']), message)]);
}
