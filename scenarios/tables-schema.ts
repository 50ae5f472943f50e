import { z } from 'zod';
import { integerIn, mapping, oneOf, quantity, show } from '../foundation/schema.ts';

const type = oneOf(['fp32', 'fp16', 'bf16', 'int8', 'int4']);

const ruleSchema = mapping({
  type,
  at_least: quantity('bytes')
    .prefault('0 B')
    .describe('size of the tables that it holds for, as the model has them'),
});

const rulesSchema = z
  .array(ruleSchema)
  .min(1, 'list at least one rule, or leave table_data_type out')
  .max(100)
  .superRefine((rules, context) => {
    rules.forEach(({ at_least }, index) => {
      const later = rules.slice(index + 1).some((rule) => rule.at_least <= at_least);
      if (!later) return;
      context.addIssue({
        code: 'custom',
        path: [index],
        message:
          'has no effect: a later rule holds for all of its tables; list rules from small tables to large ones',
      });
    });
  });

/** The type of every table, or rules by size. */
export const tableTypesSchema = z
  .union([type, rulesSchema], {
    error: ({ input }) =>
      `expected fp32, fp16, bf16, int8 or int4, or a list of rules such as { at_least: 1 GB, type: int4 }, got ${show(input)}`,
  })
  .describe(
    'stores every embedding table in this type instead of its own, wider or narrower; or a list of rules by size, of ' +
      'which the last that holds for a table makes its rows narrower, never wider',
  );

/** Rows that are left out of tables. */
export const pruningSchema = mapping({
  share: quantity('percent', { max: 1 })
    .refine((share) => share > 0 && share < 1, 'expected more than 0 % and less than 100 %')
    .describe('share of the rows of each table that goes: those read least often, by its skew'),
  at_least: quantity('bytes').prefault('0 B').describe('smaller tables, as the model has them, stay whole'),
  remap_bytes: integerIn({ min: 1, max: 8 })
    .prefault(4)
    .describe('bytes of one entry of the remap vector, which has one for each row that there was'),
}).describe(
  'removes the rows of large tables that are read least often; accuracy is not modelled. A table stays whole where its ' +
    'remap vector would take more than the rows that go',
);
