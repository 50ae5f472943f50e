import { defaultReserved } from '../../scenarios/accelerated.ts';
import { fingerprint } from '../fingerprint.ts';

/** What the fields of an arm are read from: an arm to be simulated, or one that a result describes. */
export interface ArmFields {
  model: object;
  poolingScale: number;
  load: { arrivals: { kind: string }; candidates: object };
  trace?: object | undefined;
  serving: object;
  main: TierFields & { replicas: number };
  accelerated?: { used: number; tables: string; reserved: number } | undefined;
  sparse: TierFields & { replicas: number | number[] };
  network: object;
  dramReserved: number;
  sharding: object;
}

interface TierFields {
  host: {
    sockets: { value: number };
    cpu: { cores?: { value: number } | undefined };
    accelerators?: unknown;
  };
  workers: number;
  policy: string;
}

/** The fields of an arm by their paths in a scenario; a model, a host or a network is one field. */
export type Fields = Map<string, unknown>;

/**
 * Two arms as fields that can be told apart. Workers that are one per core on both sides follow their hosts and are
 * no field of their own; nor is how requests are sized where a trace says it.
 */
export function fieldsOf(a: ArmFields, b: ArmFields): [a: Fields, b: Fields] {
  const [ofA, ofB] = [a, b].map(allFields);
  const drop = (path: string) => {
    ofA.delete(path);
    ofB.delete(path);
  };
  for (const tier of ['main', 'sparse'] as const) {
    if ([a, b].every((arm) => arm[tier].workers === cores(arm[tier]))) drop(`fleet.${tier}.workers`);
  }
  if (a.trace && b.trace) drop('load.candidates');
  if (isPlaced(ofA)) followSharding(ofA, ofB);
  else if (isPlaced(ofB)) followSharding(ofB, ofA);
  return [ofA, ofB];
}

const isPlaced = (fields: Fields) => fields.get('sharding.placement') !== undefined;

/** A placement takes the place of all else that says how to shard, so that is no difference to an arm that uses it. */
function followSharding(placed: Fields, other: Fields): void {
  const rules = (fields: Fields) =>
    [...fields.keys()].filter((path) => path.startsWith('sharding.') && path !== 'sharding.placement');
  for (const path of rules(placed)) placed.delete(path);
  for (const path of rules(other)) placed.set(path, other.get(path));
}

/** Cores of a host, of which each worker holds one. */
export function cores({ host: { sockets, cpu } }: TierFields): number {
  return Math.round(sockets.value * (cpu.cores?.value ?? 1));
}

function allFields(arm: ArmFields): Fields {
  const { load, main, sparse, accelerated, trace } = arm;
  const { arrivals, candidates, ...amounts } = load;
  const tier = (path: string, { host, ...rest }: TierFields & { replicas: unknown }) =>
    [['host', host] as const, ...Object.entries(rest)].map(([key, value]): [string, unknown] => [
      `fleet.${path}.${key}`,
      value,
    ]);
  const below = (path: string, fields: object) =>
    Object.entries(fields).map(([key, value]): [string, unknown] => [`${path}.${key}`, value]);
  return new Map<string, unknown>([
    ['model', arm.model],
    ['pooling_scale', arm.poolingScale],
    ['load.arrivals', { ...arrivals, ...(trace && { trace }) }],
    ['load.candidates', candidates],
    ...below('load', amounts),
    ...below('serving', arm.serving),
    ...tier('main', main),
    ['fleet.main.accelerators_used', acceleratorsUsed(arm)],
    ...tier('sparse', sparse),
    ['fleet.network', arm.network],
    ['fleet.dram_reserved', arm.dramReserved],
    ['fleet.accelerator_reserved', stated(accelerated?.reserved, defaultReserved)],
    ...below('sharding', arm.sharding),
    ...otherFields(arm),
  ]);
}

const known = [
  'name',
  'model',
  'poolingScale',
  'load',
  'trace',
  'serving',
  'main',
  'accelerated',
  'sparse',
  'network',
  'dramReserved',
  'sharding',
  // Tells how the model was made; the model itself is compared.
  'storage',
];

/** Fields of an arm that no other file of this folder knows by name: compared and exchanged whole. */
export function otherFields(arm: object): [path: string, value: unknown][] {
  return Object.entries(arm).filter(([key]) => !known.includes(key));
}

/** A value that is not the default: what has one only where accelerators serve is no difference elsewhere. */
function stated(value: number | undefined, usual: number): number | undefined {
  return value === usual ? undefined : value;
}

/** Accelerators that serve; undefined where those are all that the host has, or none. */
function acceleratorsUsed({ accelerated, main }: ArmFields): number | undefined {
  const { count } = (main.host.accelerators ?? {}) as { count?: { value: number } };
  return accelerated && accelerated.used !== count?.value ? accelerated.used : undefined;
}

/** Paths whose values differ, in the order of a scenario. What a profile says of its sources is no difference. */
export function differingPaths(a: Fields, b: Fields): string[] {
  const paths = [...new Set([...a.keys(), ...b.keys()])];
  const print = (value: unknown) => fingerprint([essence(value)]);
  return paths.filter((path) => print(a.get(path)) !== print(b.get(path)));
}

const asides = new Set(['description', 'source', 'evidence']);

/** A value without what is said about it, and without measured points, which their hash stands for. */
function essence(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(essence);
  const shown = 'columns' in value && 'fits' in value ? { hash: (value as { hash?: unknown }).hash } : value;
  return Object.fromEntries(
    Object.entries(shown)
      .filter(([key]) => !asides.has(key))
      .map(([key, inner]) => [key, essence(inner)]),
  );
}
