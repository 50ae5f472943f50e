import type { SourceDocument } from '../../foundation/document.ts';
import { InputError } from '../../foundation/problem.ts';
import type { Host, Network } from '../../hardware-profiles/profile.ts';
import type { Model } from '../../models/model.ts';
import { acceleratedServing } from '../../scenarios/accelerated.ts';
import type { ArmDeployment, Trace } from '../../scenarios/deployment.ts';
import type { LoadSpec } from '../../scenarios/load-schema.ts';
import type { ArmSpec, ServingSpec, ShardingSpec } from '../../scenarios/schema.ts';
import { type ArmPlan, planArm } from '../serving/plan.ts';
import { CapacityError } from '../sharding/capacity-error.ts';
import { cores, differingPaths, type Fields, fieldsOf, otherFields } from './fields.ts';

/** An arm to be simulated, with the placement file that it names. */
export interface Simulated {
  arm: ArmDeployment;
  placement?: SourceDocument | undefined;
}

/** Two arms between which fields can be exchanged. */
export interface Ends {
  a: Simulated;
  b: Simulated;
  fields: [a: Fields, b: Fields];
  /** Those that differ. */
  paths: string[];
}

export function endsOf(a: Simulated, b: Simulated): Ends {
  const fields = fieldsOf(a.arm, b.arm);
  const files = [a, b].map(({ placement }) => placement);
  // Files of one name in different folders, or edited in between, are different placements.
  if (files.some((file) => file !== undefined)) {
    for (const [index, file] of files.entries()) {
      if (file) fields[index].set('sharding.placement', file.value);
      else fields[index].delete('sharding.placement');
    }
  }
  return { a, b, fields, paths: differingPaths(...fields) };
}

/**
 * Plans the arm that has some fields from B and the others from A.
 * @param fromB paths, of those that differ
 * @returns the plan, or why there is no such arm
 */
export async function planMixture(
  ends: Ends,
  fromB: ReadonlySet<string>,
): Promise<{ plan: ArmPlan } | { refused: string }> {
  try {
    const arm = mixedArm(ends, fromB);
    const placement = (fromB.has('sharding.placement') ? ends.b : ends.a).placement;
    return { plan: await planArm(arm, arm.sharding.placement === undefined ? undefined : placement) };
  } catch (error) {
    if (error instanceof InputError) return { refused: error.problems[0].message };
    if (error instanceof CapacityError) return { refused: 'the tables do not fit' };
    throw error;
  }
}

/** @throws InputError where its fields contradict each other */
function mixedArm({ a, b, fields: [ofA, ofB], paths }: Ends, fromB: ReadonlySet<string>): ArmDeployment {
  const differing = new Set(paths);
  const isFromB = (path: string) => differing.has(path) && fromB.has(path);
  const pick = (path: string) => (isFromB(path) ? ofB : ofA).get(path);
  const below = (prefix: string) =>
    Object.fromEntries(
      [...new Set([...ofA.keys(), ...ofB.keys()])]
        .filter((path) => path.startsWith(`${prefix}.`))
        .map((path) => [path.slice(prefix.length + 1), pick(path)])
        .filter(([, value]) => value !== undefined),
    );
  const tier = (name: 'main' | 'sparse') => {
    const path = `fleet.${name}`;
    const host = pick(`${path}.host`) as Host;
    const stated = ofA.has(`${path}.workers`) ? (pick(`${path}.workers`) as number) : undefined;
    const most = cores({ host, workers: 0, policy: '' });
    if ((stated ?? 0) > most) throw new InputError(`${host.name} has ${most} cores for ${stated} workers`);
    return {
      host,
      workers: stated ?? most,
      policy: pick(`${path}.policy`) as ArmDeployment['main']['policy'],
    };
  };
  const serving = below('serving') as ServingSpec;
  const sharding = below('sharding') as ShardingSpec;
  const main = { ...tier('main'), replicas: pick('fleet.main.replicas') as number };
  const accelerated = acceleratedServing(
    {
      serving,
      sharding,
      fleet: {
        main: { accelerators_used: pick('fleet.main.accelerators_used') },
        accelerator_reserved: pick('fleet.accelerator_reserved'),
      },
    } as ArmSpec,
    main.host,
    (_, find) => find(''),
  );
  const traced = isFromB('load.arrivals') ? b.arm : a.arm;
  const model = pick('model') as Model;
  const { storage } = (isFromB('model') ? b : a).arm;
  checkTraceTables(traced.trace, model);
  return {
    ...(Object.fromEntries(
      [...otherFields(a.arm), ...otherFields(b.arm)].map(([key]) => [key, pick(key)]),
    ) as object),
    name: a.arm.name,
    model,
    ...(storage && { storage }),
    poolingScale: pick('pooling_scale') as number,
    load: {
      ...(below('load') as Omit<LoadSpec, 'arrivals' | 'candidates'>),
      arrivals: traced.load.arrivals,
      candidates: (isFromB('load.candidates') ? b : a).arm.load.candidates,
    } as LoadSpec,
    ...(traced.trace && { trace: traced.trace }),
    serving,
    main,
    ...(accelerated && { accelerated }),
    sparse: {
      ...tier('sparse'),
      replicas: pick('fleet.sparse.replicas') as number | number[],
    },
    network: pick('fleet.network') as Network,
    dramReserved: pick('fleet.dram_reserved') as number,
    sharding: {
      ...sharding,
      ...(sharding.placement !== undefined && {
        placement: (isFromB('sharding.placement') ? b : a).arm.sharding.placement,
      }),
    } as ShardingSpec,
  };
}

function checkTraceTables(trace: Trace | undefined, model: Model): void {
  const names = new Set(model.nets.flatMap(({ tables }) => tables.map(({ name }) => name)));
  const unknown = trace?.lookups?.tables.find((table) => !names.has(table));
  if (unknown !== undefined)
    throw new InputError(`the model has no table '${unknown}', which the trace names`);
}
