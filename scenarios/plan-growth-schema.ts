import { z } from 'zod';
import { integerIn, mapping, oneOf, quantity } from '../foundation/schema.ts';

const step = quantity('percent', { min: -0.9, max: 10 });

const growthOf = (what: string) =>
  z
    .union([step, z.array(step).min(1, 'list one percentage for each quarter').max(40)], {
      error: "expected a percentage such as '8 %', or a list with one for each quarter",
    })
    .prefault('0 %')
    .describe(`${what}; compound, or a list with one value for each quarter`);

const eachQuarterSchema = mapping({
  rate: growthOf('requests per second'),
  candidates: growthOf('candidates of a request'),
  tables: growthOf('number of tables: copies of the model’s own, lookups included'),
  rows: growthOf('rows of every table'),
  embedding_dim: growthOf('dimension of every table, in the end a multiple of four'),
  pooling: growthOf('lookups of every table'),
  dense_width: growthOf('widths of hidden dense layers, in the end multiples of four'),
}).describe('by how much load and model grow from the beginning of a quarter to its end');

const quarters = integerIn({ min: 0, max: 40 });

const generationSchema = mapping({
  host: z.string().min(1).describe('a host that an arm runs on, by its name'),
  available: integerIn({ min: 1, max: 40 })
    .prefault(1)
    .describe('first quarter in which it can be ordered; 1 is the first'),
  lead_time: quarters.optional().describe('quarters from order to delivery; default: growth.lead_time'),
  price: quantity('price', { positive: true }).optional().describe('default: that of the host file'),
  stock_per_quarter: integerIn({ min: 0, max: 10_000_000 })
    .optional()
    .describe('hosts that can be delivered in a quarter at most; default: any number'),
});

/** How load and model grow, and what can be bought when. */
export const growthSchema = mapping({
  quarters: integerIn({ min: 1, max: 40 }).prefault(12).describe('quarters that are planned'),
  each_quarter: eachQuarterSchema.prefault({}),
  owned: z
    .record(z.string(), integerIn({ min: 0, max: 10_000_000 }))
    .prefault({})
    .describe('hosts in place at the beginning, by name'),
  lead_time: quarters
    .prefault(1)
    .describe('quarters from order to delivery; orders go out as a quarter begins'),
  generations: z
    .array(generationSchema)
    .max(50)
    .prefault([])
    .describe('what differs by host; hosts that are not listed can be ordered at once'),
  commitment: oneOf(['horizon', 'quarter'])
    .prefault('horizon')
    .describe(
      'horizon: hosts are paid for from delivery to the end of the plan, those owned from its beginning; quarter: any ' +
        'host may be returned at the end of a quarter',
    ),
})
  .superRefine(({ quarters: count, each_quarter }, context) => {
    for (const [key, value] of Object.entries(each_quarter)) {
      if (!Array.isArray(value) || value.length === count) continue;
      const message = `lists ${value.length} values for ${count} quarters`;
      context.addIssue({ code: 'custom', path: ['each_quarter', key], message });
    }
  })
  .superRefine(({ generations }, context) => {
    generations.forEach(({ host }, index) => {
      if (generations.findIndex((one) => one.host === host) === index) return;
      context.addIssue({
        code: 'custom',
        path: ['generations', index, 'host'],
        message: `'${host}' is listed twice`,
      });
    });
  })
  .describe('how load and model grow over the quarters, and when hosts can be had');

export type GrowthSpec = z.output<typeof growthSchema>;
