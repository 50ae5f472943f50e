import { z } from 'zod';
import { InputError } from '../../foundation/problem.ts';
import { wording } from '../../foundation/wording.ts';
import type { Result } from '../result.ts';
import { otherFields } from './fields.ts';

const figures = z.record(z.string(), z.unknown());
const named = z.looseObject({ name: z.string() });

const modelSchema = z.looseObject({
  name: z.string(),
  nets: z.array(
    z.looseObject({
      tables: z.array(
        z.looseObject({
          name: z.string(),
          sizeBytes: z.number(),
          dataType: z.string(),
          level: z.string(),
          poolingFactor: z.number(),
          presence: z.number(),
        }),
      ),
      operators: z.array(
        z.looseObject({
          name: z.string(),
          dataType: z.string(),
          flops: z.object({ fixed: z.number(), perCandidate: z.number() }),
        }),
      ),
    }),
  ),
});

const hostSchema = z.looseObject({
  name: z.string(),
  sockets: z.looseObject({ value: z.number() }),
  cpu: z.looseObject({ cores: z.looseObject({ value: z.number() }).optional() }),
});

const tier = { workers: z.number(), policy: z.string() };

const armSchema = z.object({
  name: z.string(),
  model: z.string(),
  poolingScale: z.number(),
  load: z.looseObject({ arrivals: z.looseObject({ kind: z.string() }), candidates: figures }),
  trace: figures.optional(),
  serving: figures,
  main: z.object({ ...tier, host: z.string(), replicas: z.number() }),
  accelerated: z.looseObject({ used: z.number(), tables: z.string(), reserved: z.number() }).optional(),
  sparse: z.object({ ...tier, host: z.string(), replicas: z.union([z.number(), z.array(z.number())]) }),
  network: z.string(),
  dramReserved: z.number(),
  sharding: figures,
});

export type DescribedModel = z.infer<typeof modelSchema>;

type Described = z.infer<typeof armSchema>;

/** An arm as a result tells it, with its model, hosts and network in place of their names. */
export interface DescribedArm extends Omit<Described, 'model' | 'main' | 'sparse' | 'network'> {
  model: DescribedModel;
  main: Omit<Described['main'], 'host'> & { host: z.infer<typeof hostSchema> };
  sparse: Omit<Described['sparse'], 'host'> & { host: z.infer<typeof hostSchema> };
  network: z.infer<typeof named>;
}

/**
 * What an arm of a result was asked.
 * @param source where the result comes from, for messages
 * @throws InputError when the result does not tell, as one that was edited by hand may not
 */
export function describedArm({ scenario }: Result, name: string, source: string): DescribedArm {
  const refuse = (what: string): never => {
    throw new InputError([{ file: source, path: 'scenario', message: what }]);
  };
  const index = scenario.arms.findIndex((arm) => named.safeParse(arm).data?.name === name);
  if (index < 0) return refuse(`does not say what arm '${name}' was asked`);
  const read = <Value>(schema: z.ZodType<Value>, value: unknown, what: string): Value => {
    const { data, error } = schema.safeParse(value, { error: wording });
    if (data !== undefined) return data;
    const [issue] = error!.issues;
    const at = issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
    return refuse(`${what} is not as rankfleet writes it${at}: ${issue.message}`);
  };
  const arm = read(armSchema, scenario.arms[index], `arm '${name}'`);
  const host = (wanted: string) =>
    read(hostSchema, own(scenario.hosts, wanted), `host '${wanted}' of arm '${name}'`);
  return {
    ...Object.fromEntries(otherFields(scenario.arms[index] as object)),
    ...arm,
    model: read(modelSchema, own(scenario.models, arm.model), `model '${arm.model}' of arm '${name}'`),
    main: { ...arm.main, host: host(arm.main.host) },
    sparse: { ...arm.sparse, host: host(arm.sparse.host) },
    network: read(named, own(scenario.networks, arm.network), `network '${arm.network}' of arm '${name}'`),
  };
}

function own(record: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
