import type { SourceDocument } from '../foundation/document.ts';
import { InputError, locate } from '../foundation/problem.ts';
import { catalogueNames } from '../hardware-profiles/files.ts';
import { zooNames } from '../models/files.ts';
import { filesLibrary } from '../scenarios/files.ts';
import type { ReadScenario } from '../scenarios/resolve.ts';
import type { ArmSpec } from '../scenarios/schema.ts';
import { sourceOf } from '../scenarios/variants.ts';
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

/**
 * Reads the files that readings of a scenario name, each once.
 * @throws InputError, located, where a name leads nowhere or a file is wrong
 */
export async function bundleFiles(
  readings: readonly { document: SourceDocument; read: ReadScenario }[],
): Promise<BundledFiles> {
  const files: BundledFiles = { models: {}, hosts: {}, networks: {}, placements: {}, traces: {} };
  const load = loaders();
  const brought = namesBrought();
  const asked = new Set<string>();
  for (const { document, read } of readings) {
    for (const [index, variant] of read.variants.entries()) {
      for (const { kind, path, name } of namesIn(read.specs[index])) {
        if (brought[kind]?.has(name)) continue;
        const source = variant.document ?? document;
        const at = sourceOf(source, variant, path);
        const from = source.problemAt(at, '').file ?? document.file;
        const question = JSON.stringify([kind, name, from]);
        if (asked.has(question)) continue;
        asked.add(question);
        const problemAt = (message: string) => source.problemAt(at, message);
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
  }
  return files;
}

function loaders(): Record<Kind, (name: string, from: string) => unknown> {
  const library = filesLibrary();
  return {
    models: (name, from) => packed(library.model(name, from)),
    hosts: (name, from) => packed(library.host(name, from)),
    networks: (name, from) => packed(library.network(name, from)),
    placements: (name, from) => library.placement(name, from).value,
    traces: async (name, from) => bundledTrace(await library.trace(name, from)),
  };
}

/** What every machine with the product has. */
function namesBrought(): Partial<Record<Kind, Set<string>>> {
  return {
    models: new Set(zooNames()),
    hosts: new Set(catalogueNames('hosts')),
    networks: new Set(catalogueNames('networks')),
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
