import type { SourceDocument } from '../foundation/document.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { show } from '../foundation/schema.ts';
import { coresOf, type Host, type Network } from '../hardware-profiles/profile.ts';
import type { Model } from '../models/model.ts';
import { acceleratedDefaults, acceleratedServing } from './accelerated.ts';
import { checkStock } from './check-stock.ts';
import type { ArmDeployment, DefaultUsed, ResolvedScenario, ResolvedWorkload, Trace } from './deployment.ts';
import { checkServes } from './kind.ts';
import { defaultRequests } from './load-schema.ts';
import type { Locating } from './locating.ts';
import { isMapping, valueAt } from './merge.ts';
import { preprocessingDefaults, preprocessingServing } from './preprocessing.ts';
import { checkProfileNames, type UsedProfile } from './profile-names.ts';
import { locating, splitScenario, validateVariant } from './read-variant.ts';
import {
  type ArmSpec,
  armSchema,
  type ScenarioSettings,
  scenarioFileSchema,
  settingsSchema,
} from './schema.ts';
import { statedDefaults } from './stated-defaults.ts';
import { storedModel } from './stored-model.ts';
import { expandArms, sourceOf, type Variant } from './variants.ts';
import { expandWorkloads, type PairVariant, resolveWorkloads } from './workloads.ts';

/**
 * Reads what a scenario names. A relative path starts at the folder of `from`, the file that names it: with
 * `extends` that may be another file than the scenario's. Each function throws InputError for a name that it
 * does not know.
 */
export interface Library {
  model(nameOrPath: string, from: string): Model;
  host(nameOrPath: string, from: string): Host;
  network(nameOrPath: string, from: string): Network;
  placement(path: string, from: string): SourceDocument;
  trace(path: string, from: string): Promise<Trace>;
}

/**
 * Joins a scenario with the models, hosts, networks and traces that it names.
 * @throws InputError with the position of every problem.
 */
export async function resolveScenario(
  document: SourceDocument,
  library: Library,
  defaultName: string,
): Promise<ResolvedScenario> {
  const read = readScenario(document);
  const { settings, fields } = read;
  const { deployed, variants, workloads } = await deployAll(document, read, library);
  const arms = deployed.map(({ arm }) => arm);
  checkProfileNames(document, arms.flatMap(profilesOf));
  checkStock(document, settings.plan?.stock ?? {}, hostsUsed(arms), (host) =>
    library.host(host, document.file),
  );
  const { arms: _, extends: __, ...kept } = settings;
  return {
    name: settings.name ?? defaultName,
    settings: kept,
    baseline: baselineOf(settings, variants),
    arms,
    ...(workloads && { workloads }),
    placementFiles: new Map(
      deployed.flatMap(({ arm, placementFile }) => (placementFile ? [[arm.name, placementFile]] : [])),
    ),
    problemAt: (arm, path, message) => {
      const variant = variants.find(({ name }) => name === arm);
      const from = variant?.document ?? document;
      return from.problemAt(variant ? sourceOf(from, variant, path) : path, message);
    },
    defaults: [
      // A trace brings its own candidates.
      ...statedDefaults(armSchema, variants[0].value).filter(
        ({ path }) => arms[0].trace === undefined || !path.startsWith('load.candidates'),
      ),
      ...impliedDefaults(arms[0], variants[0].value),
      ...preprocessingDefaults(
        arms,
        variants.map(({ value }) => value),
      ),
      ...statedDefaults(settingsSchema, fields),
    ],
  };
}

/** Where arms are pairs with workloads, the first pair of the arm that is named. */
function baselineOf({ baseline }: ScenarioSettings, variants: readonly Variant[]): string {
  const named = variants.find(({ name, document }) => document && name.endsWith(` on ${baseline}`));
  return named?.name ?? (variants[0].document ? variants[0].name : (baseline ?? variants[0].name));
}

async function deployAll(
  document: SourceDocument,
  { settings, variants, pairs, specs }: ReadScenario,
  library: Library,
): Promise<{ deployed: ResolvedArm[]; variants: Variant[]; workloads?: ResolvedWorkload[] }> {
  if (pairs) {
    return resolveWorkloads(settings, pairs, async (pair) =>
      resolveArm(document, pair, validateVariant(pair.document, pair, armSchema), library),
    );
  }
  const deployed: ResolvedArm[] = [];
  for (const [index, variant] of variants.entries()) {
    deployed.push(await resolveArm(document, variant, specs[index], library));
  }
  return { deployed, variants };
}

/** A scenario that agrees with the schema; the names in it are not looked up yet. */
export interface ReadScenario {
  settings: ScenarioSettings;
  /** All that the document states, but its arms. */
  fields: Record<string, unknown>;
  variants: Variant[];
  /** The same variants where a plan has workloads. */
  pairs?: PairVariant[];
  /** What each variant says, in their order. */
  specs: ArmSpec[];
}

/** Checks a scenario against the schema, arm by arm. @throws InputError with the position of every problem. */
export function readScenario(document: SourceDocument): ReadScenario {
  checkServes(document);
  if (!isMapping(document.value)) {
    throw new InputError([document.problemAt([], `expected a scenario, got ${show(document.value)}`)]);
  }
  const { fields, settings, base } = splitScenario(document, document.value, {
    file: scenarioFileSchema,
    settings: settingsSchema,
  });
  const pairs = settings.plan?.workloads && expandWorkloads(document, base, settings);
  const variants = pairs ?? expandArms(document, base, settings);
  const specs = variants.map((variant) => validateVariant(variant.document ?? document, variant, armSchema));
  return { settings, fields, variants, ...(pairs && { pairs }), specs };
}

/** An arm with the placement that it names. */
interface ResolvedArm {
  arm: ArmDeployment;
  placementFile?: SourceDocument;
}

/** Looks up all that an arm names. @throws InputError where a name leads nowhere, or things do not go together */
export async function resolveArm(
  document: SourceDocument,
  variant: Variant,
  spec: ArmSpec,
  library: Library,
): Promise<ResolvedArm> {
  const located = locating(variant.document ?? document, variant);
  const arm = await deploy(variant.name, spec, library, located);
  const { placement } = spec.sharding;
  if (placement === undefined) return { arm };
  return {
    arm,
    placementFile: located(['sharding', 'placement'], (from) => library.placement(placement, from)),
  };
}

function hostsUsed(arms: readonly ArmDeployment[]): Set<string> {
  const hosts = arms.flatMap(({ main, sparse, preprocessing }) => [
    main.host,
    sparse.host,
    ...(preprocessing?.tier ? [preprocessing.tier.host] : []),
  ]);
  return new Set(hosts.map(({ name }) => name));
}

function profilesOf({ main, sparse, preprocessing, network, model }: ArmDeployment): UsedProfile[] {
  return [
    { kind: 'host', path: ['fleet'], profile: main.host },
    ...(preprocessing?.tier
      ? [{ kind: 'host' as const, path: ['fleet'], profile: preprocessing.tier.host }]
      : []),
    { kind: 'host', path: ['fleet'], profile: sparse.host },
    { kind: 'network', path: ['fleet'], profile: network },
    { kind: 'model', path: ['model'], profile: model },
  ];
}

/** Defaults that depend on other fields, where an arm leaves them out. */
function impliedDefaults({ load, main, sparse, accelerated }: ArmDeployment, given: unknown): DefaultUsed[] {
  const implied: DefaultUsed[] = [
    { path: 'load.requests', value: load.requests },
    { path: 'load.warm_up', value: load.arrivals.kind === 'serial' ? '0 %' : '10 %' },
    { path: 'fleet.main.workers', value: main.workers },
    { path: 'fleet.sparse.workers', value: sparse.workers },
    ...(accelerated ? acceleratedDefaults(accelerated) : []),
  ];
  return implied.filter(({ path }) => valueAt(given, path.split('.')) === undefined);
}

async function deploy(
  name: string,
  spec: ArmSpec,
  library: Library,
  located: Locating,
): Promise<ArmDeployment> {
  const { main, sparse, network, dram_reserved } = spec.fleet;
  const model = located(['model'], (from) => library.model(spec.model, from));
  const mainHost = located(['fleet', 'main', 'host'], (from) => library.host(main.host, from));
  const sparseHost = located(['fleet', 'sparse', 'host'], (from) => library.host(sparse.host, from));
  const workersOf = (
    tier: 'main' | 'sparse' | 'preprocessing',
    workers: number | undefined,
    host: Host,
  ): number => located(['fleet', tier, 'workers'], () => checkedWorkers(workers, host));
  const accelerated = acceleratedServing(spec, mainHost, located);
  const preprocessing = preprocessingServing(spec, {
    model,
    mainHost,
    accelerated,
    located,
    tierOf: ({ host: wanted, workers, policy, replicas }) => {
      const host = located(['fleet', 'preprocessing', 'host'], (from) => library.host(wanted, from));
      return { host, workers: workersOf('preprocessing', workers, host), policy, replicas };
    },
  });
  const { arrivals } = spec.load;
  const trace =
    arrivals.kind === 'trace'
      ? await located(['load', 'arrivals', 'file'], async (from) => {
          const found = await library.trace(arrivals.file, from);
          checkTables(found, model);
          return found;
        })
      : undefined;
  located(['fleet', 'sparse', 'replicas'], () => checkHosts(spec));
  return {
    name,
    ...storedModel(model, spec, located),
    poolingScale: spec.pooling_scale,
    load: { ...spec.load, requests: spec.load.requests ?? trace?.timesS.length ?? defaultRequests },
    ...(trace && { trace }),
    serving: spec.serving,
    main: {
      host: mainHost,
      workers: workersOf('main', main.workers, mainHost),
      policy: main.policy,
      replicas: main.replicas,
    },
    ...(accelerated && { accelerated }),
    ...(preprocessing && { preprocessing }),
    sparse: {
      host: sparseHost,
      workers: workersOf('sparse', sparse.workers, sparseHost),
      policy: sparse.policy,
      replicas: sparse.replicas,
    },
    network: located(['fleet', 'network'], (from) => library.network(network, from)),
    dramReserved: dram_reserved,
    sharding: spec.sharding,
  };
}

/** A column of lookups for a table that the model lacks is a mistake: its lookups would be lost. */
function checkTables({ lookups }: Trace, model: Model): void {
  const names = model.nets.flatMap(({ tables }) => tables.map(({ name }) => name));
  const unknown = (lookups?.tables ?? []).filter((table) => !names.includes(table));
  if (unknown.length === 0) return;
  throw new InputError(
    unknown.map((table) => ({
      message: `column 'lookups:${table}': model '${model.name}' has no table '${table}'${didYouMean(table, names)}`,
    })),
  );
}

/** Most sparse hosts of an arm: every one of them is simulated. */
const maxSparseHosts = 100_000;

function checkHosts({ fleet, sharding }: ArmSpec): void {
  const { replicas } = fleet.sparse;
  const shards = ['singular', 'one-shard'].includes(sharding.strategy) ? 1 : sharding.shards;
  const hosts = Array.isArray(replicas) ? replicas.reduce((sum, one) => sum + one, 0) : replicas * shards;
  if (hosts > maxSparseHosts) {
    throw new InputError(`makes ${hosts} sparse hosts; at most ${maxSparseHosts} are simulated`);
  }
}

/** Each worker holds a core, so there cannot be more of them than cores; by default there are as many. */
function checkedWorkers(workers: number | undefined, host: Host): number {
  const cores = coresOf(host);
  if (workers !== undefined && workers > cores) {
    throw new InputError(`a worker holds a core, and ${host.name} has ${cores}; got ${workers} workers`);
  }
  return workers ?? cores;
}
