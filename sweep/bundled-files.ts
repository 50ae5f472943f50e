import { formatPath, type SourceDocument } from '../foundation/document.ts';
import { loadHost, loadNetwork } from '../hardware-profiles/files.ts';
import type { Host, Network } from '../hardware-profiles/profile.ts';
import { loadModel } from '../models/files.ts';
import type { Model } from '../models/model.ts';
import type { Trace } from '../scenarios/deployment.ts';
import { loadConstants } from '../scenarios/distillation/constants-file.ts';
import type { Constants } from '../scenarios/distillation/costs-schema.ts';
import type { Library } from '../scenarios/resolve.ts';
import { unpacked } from './packed.ts';
import type { BundledFiles, BundledTrace } from './point.ts';

/**
 * Finds what a scenario names in its bundle, and what the product brings on this machine. Each is read once, so that
 * points share what is worked out of it.
 */
export function bundledLibrary(files: BundledFiles): Library {
  return {
    model: onceEach((name) => unpacked<Model>(files.models[name]) ?? loadModel(name)),
    host: onceEach((name) => unpacked<Host>(files.hosts[name]) ?? loadHost(name)),
    network: onceEach((name) => unpacked<Network>(files.networks[name]) ?? loadNetwork(name)),
    placement: onceEach((name) => placementDocument(name, files.placements[name])),
    trace: onceEach(async (name) => traceOf(name, files.traces[name])),
    constants: onceEach((name) => (files.constants?.[name] as Constants) ?? loadConstants(name, name)),
  };
}

function onceEach<Found>(find: (name: string) => Found): (name: string) => Found {
  const found = new Map<string, Found>();
  return (name) => {
    const known = found.get(name) ?? find(name);
    found.set(name, known);
    return known;
  };
}

/** Positions stay behind: a placement is checked against the models of all points, which no one file position tells. */
function placementDocument(name: string, value: unknown): SourceDocument {
  return {
    file: name,
    value,
    problemAt: (path, message) => ({ file: name, path: formatPath(path), message }),
  };
}

/** A trace as JSON carries it. */
export function bundledTrace({ timesS, candidates, lookups }: Trace): BundledTrace {
  return {
    timesS: [...timesS],
    candidates: [...candidates],
    ...(lookups && { lookups: { tables: lookups.tables, counts: [...lookups.counts] } }),
  };
}

function traceOf(file: string, { timesS, candidates, lookups }: BundledTrace): Trace {
  return {
    file,
    timesS: Float64Array.from(timesS),
    candidates: Int32Array.from(candidates),
    ...(lookups && { lookups: { tables: lookups.tables, counts: Float32Array.from(lookups.counts) } }),
  };
}
