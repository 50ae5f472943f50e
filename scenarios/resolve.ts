import { formatPath, type SourceDocument, validate } from '../foundation/document.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError, type Problem } from '../foundation/problem.ts';
import { show } from '../foundation/schema.ts';
import type { Host, Network } from '../hardware-profiles/profile.ts';
import type { Model } from '../models/model.ts';
import { withTableDataType } from '../models/retype.ts';
import type { ArmDeployment, ResolvedScenario, Trace } from './deployment.ts';
import { addedLeaves, combinations, isMapping, merge, withPath } from './merge.ts';
import {
  type ArmSpec,
  armEntrySchema,
  armSchema,
  type ScenarioSettings,
  scenarioFileSchema,
  settingsSchema,
} from './schema.ts';
import { statedDefaults } from './stated-defaults.ts';

/** Reads what a scenario names. Each function throws InputError for a name that it does not know. */
export interface Library {
  model(nameOrPath: string): Model;
  host(nameOrPath: string): Host;
  network(nameOrPath: string): Network;
  placement(path: string): SourceDocument;
  trace(path: string): Promise<Trace>;
}

const settingKeys = Object.keys(settingsSchema.shape);

/**
 * Joins a scenario with the models, hosts, networks and traces that it names.
 * @throws InputError with the position of every problem.
 */
export async function resolveScenario(
  document: SourceDocument,
  library: Library,
  defaultName: string,
): Promise<ResolvedScenario> {
  if (!isMapping(document.value)) {
    throw new InputError([document.problemAt([], `expected a scenario, got ${show(document.value)}`)]);
  }
  checkTopLevel(document, document.value);
  const { arms: armEntries, ...fields } = document.value;
  const settings = validate(
    { ...document, value: { ...pick(fields, (key) => settingKeys.includes(key)), arms: armEntries } },
    settingsSchema,
  );
  const base = pick(fields, (key) => !settingKeys.includes(key));
  const variants = expandArms(document, base, settings);
  checkNames(document, variants, settings);
  const specs = variants.map((variant) => validateVariant(document, variant));
  const arms: ArmDeployment[] = [];
  const placementFiles: ResolvedScenario['placementFiles'] = new Map();
  for (const [index, variant] of variants.entries()) {
    const spec = specs[index];
    const located = locating(document, variant);
    arms.push(await deploy(variant.name, spec, library, located));
    const { placement } = spec.sharding;
    if (placement !== undefined) {
      placementFiles.set(
        variant.name,
        located(['sharding', 'placement'], () => library.placement(placement)),
      );
    }
  }
  const { arms: _, extends: __, ...kept } = settings;
  return {
    name: settings.name ?? defaultName,
    settings: kept,
    baseline: settings.baseline ?? variants[0].name,
    arms,
    placementFiles,
    problemAt: (arm, path, message) => {
      const variant = variants.find(({ name }) => name === arm);
      return document.problemAt(variant ? sourceOf(document, variant, path) : path, message);
    },
    defaults: [...statedDefaults(armSchema, variants[0].value), ...statedDefaults(settingsSchema, fields)],
  };
}

/** Unknown keys of the scenario itself, with near names among all that may stand there. */
function checkTopLevel(document: SourceDocument, value: Record<string, unknown>): void {
  const known = Object.keys(scenarioFileSchema.shape);
  const unknown = Object.keys(value).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  throw new InputError(
    unknown.map((key) => document.problemAt([key], `unknown key '${key}'${didYouMean(key, known)}`)),
  );
}

/** One arm before it is checked: its name, its fields, and where they came from. */
interface Variant {
  name: string;
  value: unknown;
  /** Path of the entry in the document; undefined for the only arm of a scenario without `arms`. */
  entry?: PropertyKey[];
  varied: string[];
}

function expandArms(document: SourceDocument, base: unknown, settings: ScenarioSettings): Variant[] {
  if (!settings.arms) return [{ name: settings.name ?? 'scenario', value: base, varied: [] }];
  if (settings.arms.length === 0) {
    throw new InputError([document.problemAt(['arms'], 'list at least one arm, or leave arms out')]);
  }
  return settings.arms.flatMap((entry, index) => {
    const path = ['arms', index];
    const located = relocated(document, path);
    validate({ ...located, value: entry }, armEntrySchema);
    const { name, vary, ...override } = entry as Record<string, unknown>;
    const merged = merge(base, override);
    if (vary === undefined)
      return [{ name: (name as string) ?? nameOf(override), value: merged, entry: path, varied: [] }];
    return combinations(vary as Record<string, unknown[]>).map((chosen) => ({
      name: [name, ...Object.values(chosen).map(String)].filter(Boolean).join(' '),
      value: Object.entries(chosen).reduce(
        (value, [key, one]) => withPath(value, key.split('.'), one),
        merged,
      ),
      entry: path,
      varied: Object.keys(chosen),
    }));
  });
}

/** A name for an arm that has none: the values that it changes. */
function nameOf(override: unknown): string {
  const values = addedLeaves({}, override).map(({ value }) => String(value));
  return values.length > 0 ? values.join(' ').slice(0, 60) : 'as it is';
}

function checkNames(document: SourceDocument, variants: Variant[], settings: ScenarioSettings): void {
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const { name, entry } of variants) {
    if (seen.has(name)) problems.push(document.problemAt(entry ?? [], `two arms are called '${name}'`));
    seen.add(name);
  }
  if (settings.baseline !== undefined && !seen.has(settings.baseline)) {
    const message = `no arm is called '${settings.baseline}'${didYouMean(settings.baseline, seen)}; arms: ${[...seen].join(', ')}`;
    problems.push(document.problemAt(['baseline'], message));
  }
  if (problems.length > 0) throw new InputError(problems);
}

function validateVariant(document: SourceDocument, variant: Variant): ArmSpec {
  const value = variant.value;
  const problemAt = (path: readonly PropertyKey[], message: string): Problem =>
    document.problemAt(sourceOf(document, variant, path), message);
  return validate({ file: document.file, value, problemAt }, armSchema);
}

/** Where a field of an arm was written: in its entry, in its `vary`, or in the scenario itself. */
function sourceOf(
  document: SourceDocument,
  { entry, varied }: Variant,
  path: readonly PropertyKey[],
): PropertyKey[] {
  if (!entry) return [...path];
  const variedKey = varied.find((key) => formatPath(path).startsWith(key));
  if (variedKey !== undefined) return [...entry, 'vary', variedKey];
  const inEntry = [...entry, ...path];
  return hasPath(document.value, inEntry) || !hasPath(document.value, path.slice(0, 1)) ? inEntry : [...path];
}

/** Runs a lookup and gives its error the position of the field that named it. */
function locating(document: SourceDocument, variant: Variant) {
  return <Found>(path: PropertyKey[], find: () => Found): Found => {
    const rethrow = (error: unknown): never => {
      const isBareName =
        error instanceof InputError && error.problems.every(({ file }) => file === undefined);
      if (!isBareName) throw error;
      const at = sourceOf(document, variant, path);
      throw new InputError(error.problems.map(({ message }) => document.problemAt(at, message)));
    };
    try {
      const found = find();
      return found instanceof Promise ? (found.catch(rethrow) as Found) : found;
    } catch (error) {
      return rethrow(error);
    }
  };
}

async function deploy(
  name: string,
  spec: ArmSpec,
  library: Library,
  located: <Found>(path: PropertyKey[], find: () => Found) => Found,
): Promise<ArmDeployment> {
  const { main, sparse, network, dram_reserved } = spec.fleet;
  const model = located(['model'], () => library.model(spec.model));
  const mainHost = located(['fleet', 'main', 'host'], () => library.host(main.host));
  const sparseHost = located(['fleet', 'sparse', 'host'], () => library.host(sparse.host));
  const workersOf = (tier: 'main' | 'sparse', workers: number | undefined, host: Host): number =>
    located(['fleet', tier, 'workers'], () => checkedWorkers(workers, host));
  const { arrivals } = spec.load;
  const trace =
    arrivals.kind === 'trace'
      ? await located(['load', 'arrivals', 'file'], () => library.trace(arrivals.file))
      : undefined;
  return {
    name,
    model: spec.table_data_type === undefined ? model : withTableDataType(model, spec.table_data_type),
    poolingScale: spec.pooling_scale,
    load: spec.load,
    ...(trace && { trace }),
    serving: spec.serving,
    main: {
      host: mainHost,
      workers: workersOf('main', main.workers, mainHost),
      policy: main.policy,
      replicas: main.replicas,
    },
    sparse: {
      host: sparseHost,
      workers: workersOf('sparse', sparse.workers, sparseHost),
      policy: sparse.policy,
      replicas: sparse.replicas,
    },
    network: located(['fleet', 'network'], () => library.network(network)),
    dramReserved: dram_reserved,
    sharding: spec.sharding,
  };
}

/** Each worker holds a core, so there cannot be more of them than cores; by default there are as many. */
function checkedWorkers(workers: number | undefined, host: Host): number {
  const cores = coresOf(host);
  if (workers !== undefined && workers > cores) {
    throw new InputError(`a worker holds a core, and ${host.name} has ${cores}; got ${workers} workers`);
  }
  return workers ?? cores;
}

/** Physical cores of all sockets of a host. */
export function coresOf(host: Host): number {
  return Math.round(host.sockets.value * (host.cpu.cores?.value ?? 1));
}

function relocated(document: SourceDocument, prefix: PropertyKey[]): SourceDocument {
  return { ...document, problemAt: (path, message) => document.problemAt([...prefix, ...path], message) };
}

function pick(value: Record<string, unknown>, keep: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => keep(key)));
}

function hasPath(value: unknown, path: readonly PropertyKey[]): boolean {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return false;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return true;
}
