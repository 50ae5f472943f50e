import type { z } from 'zod';
import { type SourceDocument, validate } from '../foundation/document.ts';
import type { Evidenced } from '../foundation/evidence.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { show } from '../foundation/schema.ts';
import { evidencedFields } from './evidenced-fields.ts';
import type { Measurements } from './measurements.ts';
import type { Device, Host, Network } from './profile.ts';
import { deviceSchema, type HardwareKind, hostSchema, networkSchema } from './schema.ts';

/** Finds a device by a name of the catalogue or a path; throws an InputError when there is none. */
export type DeviceLookup = (nameOrPath: string) => Device;

/** Finds what a device file refers to; throws an InputError where there is nothing. */
export interface DeviceReferences {
  measurements(nameOrPath: string): Measurements;
  /** A device with its own measurements; left out, what the device is calibrated like is not followed. */
  device?: DeviceLookup;
}

/**
 * A device from its parsed file.
 * @param references finds its measurements and the device that it is calibrated like; without it the profile is
 *   that of the datasheet alone
 * @throws InputError with position and path for every field that is wrong.
 */
export function resolveDevice(document: SourceDocument, references?: DeviceReferences): Device {
  const file = read(document, 'device', deviceSchema);
  const device: Device = {
    name: file.name,
    kind: file.type,
    vendor: file.vendor,
    description: file.description,
    peakFlopPerS: definedOnly(file.peak),
    memory: { capacityBytes: file.memory.capacity, bandwidthBytesPerS: file.memory.bandwidth },
    cacheBytes: file.cache,
    launchOverheadS: file.launch_overhead,
    powerW: file.power,
    ...definedOnly({
      cores: file.cores,
      clockHz: file.clock,
      coreBandwidthBytesPerS: file.core_bandwidth,
      units: file.units,
    }),
    ...(file.missing_kernels && { missingKernels: file.missing_kernels }),
    ...(file.kernel_times && { kernelTimes: kernelTimesOf(file.kernel_times) }),
    efficiency: file.efficiency,
  };
  if (!references) return device;
  const { measurements, calibrated_like: like } = file;
  const { device: lookup } = references;
  if (measurements !== undefined) {
    device.measured = lookUpAt(document, ['measurements'], () => references.measurements(measurements));
  }
  if (like !== undefined && lookup) {
    device.calibratedLike = lookUpAt(document, ['calibrated_like'], () => lookup(like));
    checkTransfer(device, device.calibratedLike, document);
  }
  return device;
}

function kernelTimesOf(times: NonNullable<z.output<typeof deviceSchema>['kernel_times']>) {
  return Object.fromEntries(
    Object.entries(times).flatMap(([operator, time]) =>
      time ? [[operator, { leastS: time.least, perValueS: time.per_value }]] : [],
    ),
  );
}

/** Efficiency is carried over between devices of one kind, from one that was measured. */
function checkTransfer(device: Device, origin: Device, document: SourceDocument): void {
  const message =
    (origin.kind === 'cpu') !== (device.kind === 'cpu')
      ? `'${origin.name}' is a ${origin.kind}: its efficiency says nothing about a ${device.kind}`
      : origin.measured
        ? undefined
        : `'${origin.name}' has no measurements of its own`;
  if (message) throw new InputError([document.problemAt(['calibrated_like'], message)]);
}

/**
 * A host from its parsed file and the devices it names.
 * @throws InputError with position and path; also when its cpu is not a cpu, an accelerator is one, or its
 *   DRAM is more than its sockets address.
 */
export function resolveHost(document: SourceDocument, lookup: DeviceLookup): Host {
  const file = read(document, 'host', hostSchema);
  const cpu = lookUpAt(document, ['cpu'], () => lookup(file.cpu));
  const host: Host = {
    name: file.name,
    description: file.description,
    cpu,
    sockets: file.sockets,
    dramBytes: file.dram,
    nicBytesPerS: file.nic,
    pricePerHourUsd: file.price,
    powerIdleW: file.power_idle,
    powerBusyW: file.power_busy,
  };
  if (file.accelerators) {
    const { device, count, host_link, peer_link } = file.accelerators;
    host.accelerators = {
      device: lookUpAt(document, ['accelerators', 'device'], () => lookup(device)),
      count,
      hostLinkBytesPerS: host_link,
      peerLinkBytesPerS: peer_link,
    };
  }
  checkHost(host, document);
  return host;
}

/**
 * A network from its parsed file.
 * @throws InputError with position and path for every field that is wrong.
 */
export function resolveNetwork(document: SourceDocument): Network {
  const file = read(document, 'network', networkSchema);
  const { minimum, median, p99 } = file.round_trip;
  return {
    name: file.name,
    description: file.description,
    roundTrip: { minimumS: minimum, medianS: median, p99S: p99 },
    perMessageCpuS: file.cpu_per_message,
    perByteCpuSPerByte: file.cpu_per_byte,
  };
}

/** Validates a file of a known kind and writes its citations out in full. */
function read<Schema extends z.ZodType<FileWithSources>>(
  document: SourceDocument,
  kind: HardwareKind,
  schema: Schema,
): z.output<Schema> {
  // A file of another kind is one mistake, not one for each of its fields.
  const given = (document.value as { kind?: unknown } | null)?.kind;
  if (given !== undefined && given !== kind) {
    throw new InputError([document.problemAt(['kind'], `expected kind: ${kind}, got ${show(given)}`)]);
  }
  const file = validate(document, schema);
  citeInFull(file, document);
  return file;
}

interface FileWithSources {
  sources?: Record<string, string> | undefined;
}

/** Replaces each source that is a key of `sources` by its citation; a lone word that is no key is a typo. */
function citeInFull(file: FileWithSources, document: SourceDocument): void {
  const { sources = {}, ...rest } = file;
  const problems = evidencedFields(rest).flatMap(({ path, field }) => {
    if (Object.hasOwn(sources, field.source)) {
      field.source = sources[field.source];
      return [];
    }
    if (/\s|:\/\//.test(field.source.trim())) return [];
    const message = `'${field.source}' is not a key of sources${didYouMean(field.source, Object.keys(sources))}`;
    return [document.problemAt([...path, 'source'], `${message}; a citation has more than one word`)];
  });
  if (problems.length > 0) throw new InputError(problems);
}

/** Looks something up; what has no place of its own is reported where the file names it. */
function lookUpAt<Found>(document: SourceDocument, path: string[], find: () => Found): Found {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      error.problems.map((problem) => (problem.file ? problem : document.problemAt(path, problem.message))),
    );
  }
}

function checkHost({ cpu, sockets, dramBytes, accelerators }: Host, document: SourceDocument): void {
  const problems = [];
  if (cpu.kind !== 'cpu') {
    problems.push(document.problemAt(['cpu'], `'${cpu.name}' is a ${cpu.kind}, not a cpu`));
  }
  if (accelerators?.device.kind === 'cpu') {
    const message = `'${accelerators.device.name}' is a cpu, not an accelerator`;
    problems.push(document.problemAt(['accelerators', 'device'], message));
  }
  const addressable = sockets.value * cpu.memory.capacityBytes.value;
  if (dramBytes.value > addressable) {
    const message = `${sockets.value} × ${cpu.name} address at most ${addressable} bytes`;
    problems.push(document.problemAt(['dram', 'value'], message));
  }
  if (problems.length > 0) throw new InputError(problems);
}

/** The same fields without those that are undefined. */
function definedOnly<Fields extends Record<string, Evidenced | undefined>>(fields: Fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Evidenced;
  };
}
