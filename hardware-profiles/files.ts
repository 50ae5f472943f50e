import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { SourceDocument } from '../foundation/document.ts';
import { namesInFolder, packageRoot, readDocument } from '../foundation/files.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { loadMeasurements, locateMeasurements } from './measurement-files.ts';
import type { Measurements } from './measurements.ts';
import type { Device, Host, Network } from './profile.ts';
import { resolveDevice, resolveHost, resolveNetwork } from './resolve.ts';
import { hardwareFilePattern } from './schema.ts';

export type CatalogueFolder = 'devices' | 'hosts' | 'networks';

const nounOf: Record<CatalogueFolder, string> = { devices: 'device', hosts: 'host', networks: 'network' };

/** Names that `loadDevice`, `loadHost` or `loadNetwork` know without a path, sorted. */
export function catalogueNames(folder: CatalogueFolder): string[] {
  return namesInFolder(catalogueFolder(folder));
}

/**
 * A device by its name in the catalogue, or by a path that ends in .yaml, .yml or .json.
 * @param relativeTo file that refers to it: a relative path starts at that file's folder
 * @throws InputError for an unknown name (with a near one and the list), a missing file, a wrong field
 */
export function loadDevice(nameOrPath: string, relativeTo?: string): Device {
  return deviceFrom(readDocument(locate('devices', nameOrPath, relativeTo)));
}

/** A device from its parsed file, with the measurements that the file names; errors as `loadDevice`. */
export function deviceFrom(document: SourceDocument): Device {
  return resolveDevice(document, {
    measurements: measurementsFrom(document),
    device: (nameOrPath) => {
      const origin = readDocument(locate('devices', nameOrPath, document.file));
      return resolveDevice(origin, { measurements: measurementsFrom(origin) });
    },
  });
}

function measurementsFrom({ file }: SourceDocument): (nameOrPath: string) => Measurements {
  return (nameOrPath) => loadOnce(locateMeasurements(nameOrPath, file));
}

/** Measurements by folder: many devices stand on those of one. A folder whose files have changed is read anew. */
const loaded = new Map<string, { stamp: string; measurements: Measurements }>();

function loadOnce(folder: string): Measurements {
  const stamp = readdirSync(folder)
    .map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return `${name} ${size} ${mtimeMs}`;
    })
    .join('\n');
  const known = loaded.get(folder);
  if (known?.stamp === stamp) return known.measurements;
  const measurements = loadMeasurements(folder);
  loaded.set(folder, { stamp, measurements });
  return measurements;
}

/** A host with its devices; arguments and errors as `loadDevice`. Its device paths start at its own file. */
export function loadHost(nameOrPath: string, relativeTo?: string): Host {
  const file = locate('hosts', nameOrPath, relativeTo);
  return resolveHost(readDocument(file), (device) => loadDevice(device, file));
}

/** A network; arguments and errors as `loadDevice`. */
export function loadNetwork(nameOrPath: string, relativeTo?: string): Network {
  return resolveNetwork(readDocument(locate('networks', nameOrPath, relativeTo)));
}

function locate(folder: CatalogueFolder, nameOrPath: string, relativeTo?: string): string {
  if (hardwareFilePattern.test(nameOrPath)) {
    const stays = relativeTo === undefined || isAbsolute(nameOrPath);
    const file = stays ? nameOrPath : join(dirname(relativeTo), nameOrPath);
    if (!existsSync(file)) throw new InputError(`no such file: ${file}`);
    return file;
  }
  const names = catalogueNames(folder);
  if (!names.includes(nameOrPath)) {
    const hint = didYouMean(nameOrPath, names);
    throw new InputError(
      `unknown ${nounOf[folder]} '${nameOrPath}'${hint}; the catalogue has ${names.join(', ')}; or give a path to a .yaml file`,
    );
  }
  return join(packageRoot, catalogueFolder(folder), `${nameOrPath}.yaml`);
}

function catalogueFolder(folder: CatalogueFolder): string {
  return `hardware-profiles/catalogue/${folder}`;
}
