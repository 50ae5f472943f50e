import { readDocument } from '../foundation/files.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { show } from '../foundation/schema.ts';
import { formatBytes, significant, withPrefix } from '../foundation/units.ts';
import { evidencedFields } from '../hardware-profiles/evidenced-fields.ts';
import {
  type CatalogueFolder,
  catalogueNames,
  deviceFrom,
  loadDevice,
  loadHost,
  loadNetwork,
} from '../hardware-profiles/files.ts';
import { withoutPoints } from '../hardware-profiles/measurements.ts';
import { resolveHost, resolveNetwork } from '../hardware-profiles/resolve.ts';
import { wrap } from '../reports/text-table.ts';
import { listTable, pageWidth } from './list-table.ts';
import type { Listing } from './listing.ts';

const load = { hosts: loadHost, devices: loadDevice, networks: loadNetwork };

const folders: CatalogueFolder[] = ['hosts', 'devices', 'networks'];

export function hardwareLists(): Listing {
  const profiles = Object.fromEntries(
    folders.map((folder) => [folder, catalogueNames(folder).map((name) => load[folder](name))]),
  );
  const sections = folders.map((folder) => {
    const rows = profiles[folder].map((profile) => [profile.name, headline(profile), profile.description]);
    const columns = [folder, 'key figures', 'what it is'].map((title) => ({ title, align: 'left' as const }));
    return listTable(columns, rows);
  });
  const data = Object.fromEntries(folders.map((folder) => [folder, profiles[folder].map(withoutPoints)]));
  return { text: sections.join('\n\n'), data };
}

type Profile = ReturnType<(typeof load)[CatalogueFolder]>;

/** The two or three figures that tell profiles of a kind apart. */
function headline(profile: Profile): string {
  if ('sockets' in profile) {
    const accelerators = profile.accelerators
      ? `${profile.accelerators.count.value} × ${profile.accelerators.device.name}, `
      : '';
    const cpu = `${profile.sockets.value} × ${profile.cpu.name}`;
    const money = `${significant(profile.pricePerHourUsd.value)} USD/h`;
    return `${accelerators}${cpu}, ${formatBytes(profile.dramBytes.value)}, ${withPrefix(profile.nicBytesPerS.value * 8)}bit/s, ${money}`;
  }
  if ('roundTrip' in profile) {
    const { medianS, p99S } = profile.roundTrip;
    return `round trip ${significant(medianS.value * 1e6)} µs median, ${significant(p99S.value * 1e6)} µs p99`;
  }
  const { capacityBytes, bandwidthBytesPerS } = profile.memory;
  const peak = profile.peakFlopPerS.bf16 ?? profile.peakFlopPerS.fp32;
  const type = profile.peakFlopPerS.bf16 ? 'bf16' : 'fp32';
  const arithmetic = peak ? `${withPrefix(peak.value)}FLOP/s ${type}, ` : '';
  return `${arithmetic}${formatBytes(capacityBytes.value)} at ${formatBytes(bandwidthBytesPerS.value)}/s`;
}

/** A profile of the catalogue by its name, or of a file by its path (it has a slash or ends in .yaml, .yml or .json). */
export function hardwareDetails(nameOrPath: string): Listing {
  const isPath = /[/\\]|\.(ya?ml|json)$/.test(nameOrPath);
  const profile = isPath ? loadFile(nameOrPath) : load[folderOf(nameOrPath)](nameOrPath);
  const rows = evidencedFields(profile).map(({ path, field }) => [
    path.map((key) => yamlNames[key] ?? key).join('.'),
    withUnit(path.join('.'), field.value),
    field.evidence,
    field.source,
  ]);
  const columns = [
    { title: 'field', align: 'left' as const },
    { title: 'value' },
    { title: 'evidence', align: 'left' as const },
    { title: 'source', align: 'left' as const },
  ];
  const head = wrap(`${profile.name}: ${profile.description}`, pageWidth);
  const text = [head, ...missingKernels(profile), listTable(columns, rows)].join('\n\n');
  return { text, data: withoutPoints(profile) };
}

/** What a device cannot run, and who says so. */
function missingKernels(profile: Profile): string[] {
  const missing = 'memory' in profile ? (profile.missingKernels ?? []) : [];
  if (missing.length === 0) return [];
  const lines = missing.map(({ operator, evidence, source }) => `${operator} (${evidence}): ${source}`);
  return [['No kernel for', ...lines].map((line) => wrap(line, pageWidth)).join('\n')];
}

/** A hardware file says itself what it describes. */
function loadFile(file: string): Profile {
  const document = readDocument(file);
  const kind = (document.value as { kind?: unknown } | null)?.kind;
  switch (kind) {
    case 'device':
      return deviceFrom(document);
    case 'host':
      return resolveHost(document, (device) => loadDevice(device, file));
    case 'network':
      return resolveNetwork(document);
    default: {
      const message = `expected kind: device, host or network, got ${show(kind)}`;
      throw new InputError([document.problemAt(['kind'], message)]);
    }
  }
}

/** Looks a name up in every catalogue folder. */
function folderOf(name: string): CatalogueFolder {
  const folder = folders.find((candidate) => catalogueNames(candidate).includes(name));
  if (folder) return folder;
  const names = folders.flatMap((candidate) => catalogueNames(candidate));
  throw new InputError(
    `no hardware '${name}'${didYouMean(name, names)}; there are ${names.join(', ')}, ` +
      'and a path to a .yaml file is read as a hardware file',
  );
}

/** Keys of a profile as its YAML file spells them. */
const yamlNames: Record<string, string> = {
  peakFlopPerS: 'peak',
  capacityBytes: 'capacity',
  bandwidthBytesPerS: 'bandwidth',
  cacheBytes: 'cache',
  launchOverheadS: 'launch_overhead',
  kernelTimes: 'kernel_times',
  leastS: 'least',
  perValueS: 'per_value',
  powerW: 'power',
  clockHz: 'clock',
  coreBandwidthBytesPerS: 'core_bandwidth',
  dramBytes: 'dram',
  nicBytesPerS: 'nic',
  hostLinkBytesPerS: 'host_link',
  peerLinkBytesPerS: 'peer_link',
  pricePerHourUsd: 'price',
  powerIdleW: 'power_idle',
  powerBusyW: 'power_busy',
  roundTrip: 'round_trip',
  minimumS: 'minimum',
  medianS: 'median',
  p99S: 'p99',
  perMessageCpuS: 'cpu_per_message',
  perByteCpuSPerByte: 'cpu_per_byte',
};

/** Units by how a field's name ends, longest first. */
const units: [suffix: RegExp, unit: string][] = [
  [/SPerByte$/, 's/B'],
  [/^nicBytesPerS$/, 'bit/s'],
  [/BytesPerS$/, 'B/s'],
  [/^peakFlopPerS|\.peakFlopPerS\./, 'FLOP/s'],
  [/Bytes$/, 'B'],
  [/Usd$/, 'USD/h'],
  [/Hz$/, 'Hz'],
  [/W$/, 'W'],
  [/S$/, 's'],
];

function withUnit(path: string, value: number): string {
  const unit = units.find(([suffix]) => suffix.test(path))?.[1];
  if (unit === undefined) return String(value);
  if (unit === 'bit/s') return `${withPrefix(value * 8)}bit/s`;
  if (unit === 's/B') return `${significant(value * 1e9)} ns/B`;
  if (unit === 's') return value < 1e-3 ? `${significant(value * 1e6)} µs` : `${significant(value * 1e3)} ms`;
  return unit === 'USD/h' ? `${value} USD/h` : `${withPrefix(value)}${unit}`;
}
