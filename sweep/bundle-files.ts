import type { SourceDocument } from '../foundation/document.ts';
import { InputError, locate } from '../foundation/problem.ts';
import { catalogueNames } from '../hardware-profiles/files.ts';
import { zooNames } from '../models/files.ts';
import { constantSets } from '../scenarios/distillation/costs-schema.ts';
import type { ReadDistillation } from '../scenarios/distillation/read.ts';
import type { DistillationFields } from '../scenarios/distillation/schema.ts';
import { distilledSourceOf } from '../scenarios/distillation/vertical-defaults.ts';
import { filesLibrary } from '../scenarios/files.ts';
import type { ReadScenario } from '../scenarios/resolve.ts';
import type { ArmSpec } from '../scenarios/schema.ts';
import { sourceOf, type Variant } from '../scenarios/variants.ts';
import { bundledTrace } from './bundled-files.ts';
import { packed } from './packed.ts';
import type { BundledFiles } from './point.ts';

type Kind = keyof BundledFiles;

/** Something that an arm names. */
interface Named {
  kind: Kind;
  path: string[];
  name: string;
}

/** An arm of a scenario with all that it names, and where each name was written. */
interface NamingArm {
  document: SourceDocument;
  variant: Variant;
  named: Named[];
  writtenAt: typeof sourceOf;
}

/**
 * Reads the files that readings of a scenario name, each once.
 * @throws InputError, located, where a name leads nowhere or a file is wrong
 */
export async function bundleFiles(
  readings: readonly { document: SourceDocument; read: ReadScenario }[],
): Promise<BundledFiles> {
  return filesOf(
    readings.flatMap(({ document, read: { variants, specs } }) =>
      variants.map((variant, index) => ({
        document: variant.document ?? document,
        variant,
        named: namesIn(specs[index]),
        writtenAt: sourceOf,
      })),
    ),
  );
}

/** The same of a scenario of distillation. */
export async function bundleDistillationFiles(
  document: SourceDocument,
  { variants, specs }: ReadDistillation,
): Promise<BundledFiles> {
  return filesOf(
    variants.map((variant, index) => ({
      document,
      variant,
      named: namesInDistillation(specs[index]),
      writtenAt: distilledSourceOf,
    })),
  );
}

async function filesOf(arms: readonly NamingArm[]): Promise<BundledFiles> {
  const files: Required<BundledFiles> = {
    models: {},
    hosts: {},
    networks: {},
    placements: {},
    traces: {},
    constants: {},
  };
  const load = loaders();
  const brought = namesBrought();
  const asked = new Set<string>();
  for (const { document, variant, named, writtenAt } of arms) {
    for (const { kind, path, name } of named) {
      if (brought[kind]?.has(name)) continue;
      const at = writtenAt(document, variant, path);
      const from = document.problemAt(at, '').file ?? document.file;
      const question = JSON.stringify([kind, name, from]);
      if (asked.has(question)) continue;
      asked.add(question);
      const problemAt = (message: string) => document.problemAt(at, message);
      const content = await locate(problemAt, async () => load[kind](name, from));
      const known = files[kind][name];
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(content)) {
        throw new InputError([
          problemAt(`'${name}' is another file in the scenario that this one extends: rename one`),
        ]);
      }
      (files[kind] as Record<string, unknown>)[name] = content;
    }
  }
  const { constants, ...others } = files;
  return Object.keys(constants).length > 0 ? files : others;
}

function loaders(): Record<Kind, (name: string, from: string) => unknown> {
  const library = filesLibrary();
  return {
    models: (name, from) => packed(library.model(name, from)),
    hosts: (name, from) => packed(library.host(name, from)),
    networks: (name, from) => packed(library.network(name, from)),
    placements: (name, from) => library.placement(name, from).value,
    traces: async (name, from) => bundledTrace(await library.trace(name, from)),
    constants: (name, from) => library.constants(name, from),
  };
}

/** What every machine with the product has. */
function namesBrought(): Partial<Record<Kind, Set<string>>> {
  return {
    models: new Set(zooNames()),
    hosts: new Set(catalogueNames('hosts')),
    networks: new Set(catalogueNames('networks')),
    constants: new Set(constantSets),
  };
}

function namesIn({ model, fleet, sharding, load }: ArmSpec): Named[] {
  const { arrivals } = load;
  return [
    { kind: 'models', path: ['model'], name: model },
    { kind: 'hosts', path: ['fleet', 'main', 'host'], name: fleet.main.host },
    { kind: 'hosts', path: ['fleet', 'sparse', 'host'], name: fleet.sparse.host },
    ...(fleet.preprocessing === undefined
      ? []
      : [
          {
            kind: 'hosts' as const,
            path: ['fleet', 'preprocessing', 'host'],
            name: fleet.preprocessing.host,
          },
        ]),
    { kind: 'networks', path: ['fleet', 'network'], name: fleet.network },
    ...(sharding.placement === undefined
      ? []
      : [{ kind: 'placements' as const, path: ['sharding', 'placement'], name: sharding.placement }]),
    ...(arrivals.kind === 'trace'
      ? [{ kind: 'traces' as const, path: ['load', 'arrivals', 'file'], name: arrivals.file }]
      : []),
  ];
}

function namesInDistillation({ teacher, verticals, quality }: DistillationFields): Named[] {
  const { fleet, labelling } = teacher;
  const inFleet = (path: string[], { host, network }: Partial<typeof fleet>): Named[] => [
    ...(host === undefined ? [] : [{ kind: 'hosts' as const, path: [...path, 'host'], name: host }]),
    ...(network === undefined
      ? []
      : [{ kind: 'networks' as const, path: [...path, 'network'], name: network }]),
  ];
  return [
    { kind: 'models', path: ['teacher', 'model'], name: teacher.model },
    ...inFleet(['teacher', 'fleet'], fleet),
    ...inFleet(['teacher', 'labelling'], labelling as Partial<typeof fleet>),
    ...Object.entries(verticals).flatMap(([name, vertical]) => [
      { kind: 'models' as const, path: ['verticals', name, 'model'], name: vertical.model },
      ...inFleet(['verticals', name, 'fleet'], vertical.fleet),
    ]),
    { kind: 'constants', path: ['quality', 'constants'], name: quality.constants },
  ];
}
