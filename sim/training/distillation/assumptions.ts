import { amountOf } from '../../../foundation/amount.ts';
import { qualityFields } from '../../../scenarios/distillation/costs-schema.ts';
import type { ResolvedDistillation } from '../../../scenarios/distillation/deployment.ts';
import type { Assumption } from '../distillation-result.ts';
import type { QualityConstantName, qualityConstants } from '../quality/constants.ts';
import { constantsOf } from './case-of.ts';
import { sourceOfDefault } from './default-sources.ts';

/** Units of the defaults that are plain numbers. */
const units: Record<string, string> = {
  'costs.storage_usd_per_gb_month': 'USD per GB and month',
  'costs.moved_usd_per_gb': 'USD per GB',
};

const constantUnits: Partial<Record<QualityConstantName, string>> = { freshnessScaleS: 's' };

/** Every default that a scenario left unsaid, and every constant of the quality model, with what each rests on. */
export function assumptionsOf({ defaults, arms }: ResolvedDistillation): Assumption[] {
  return [
    ...defaults.map(({ path, value }): Assumption => {
      const amount = typeof value === 'string' ? amountOf(value) : undefined;
      return {
        name: path,
        group: groupOf(path),
        value: amount?.value ?? value,
        unit: amount?.unit || (units[path] ?? ''),
        ...sourceOfDefault(path),
      };
    }),
    ...constants(arms),
  ];
}

function groupOf(path: string): Assumption['group'] {
  if (path.startsWith('costs.')) return 'cost';
  if (/^(traffic|join|store|overlap|teacher\.snapshots|teacher\.labelling)/.test(path)) return 'pipeline';
  return 'scenario';
}

/** Constants of the quality model; what arms state of their own stands beside the product's, with the arm's name. */
function constants(arms: ResolvedDistillation['arms']): Assumption[] {
  const fields = Object.entries(qualityFields);
  return fields.flatMap(([field, name]) => {
    const stated = new Map<string, string[]>();
    for (const arm of arms) {
      const key = JSON.stringify(constantsOf(arm)[name]);
      stated.set(key, [...(stated.get(key) ?? []), arm.name]);
    }
    return [...stated].map(([key, names]): Assumption => {
      const { value, low, high, evidence, source } = JSON.parse(
        key,
      ) as (typeof qualityConstants)[typeof name];
      const isOfAll = names.length === arms.length;
      return {
        name: isOfAll ? `quality.${field}` : `quality.${field} of ${names.join(', ')}`,
        group: 'quality',
        value,
        unit: constantUnits[name] ?? '',
        low,
        high,
        evidence,
        source,
      };
    });
  });
}
