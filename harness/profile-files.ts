import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { packageRoot, readTextFile, writeWhole } from '../foundation/files.ts';
import { significant } from '../foundation/units.ts';
import { catalogueNames } from '../hardware-profiles/files.ts';
import type { MeasuredPoint } from '../hardware-profiles/operators-measured.ts';
import { operatorWork } from '../sim/cost/work.ts';
import type { DeviceDescription } from './device.ts';

interface Field {
  value: string | number;
  evidence: 'measured' | 'assumed' | 'datasheet';
  source: string;
}

/**
 * Writes the files that make a measured device usable by name of its file: `<out>/<device>.yaml`, and for a CPU a host
 * `<out>/<device>-host.yaml` with this machine's cores and memory. A device of the catalogue keeps its datasheet
 * figures; of any other one, peaks are the best rates that were measured.
 * @returns the files written
 */
export function writeProfile(
  out: string,
  device: string,
  about: DeviceDescription,
  points: readonly MeasuredPoint[],
): string[] {
  const deviceFile = join(out, `${device}.yaml`);
  writeWhole(
    deviceFile,
    catalogueNames('devices').includes(device)
      ? fromCatalogue(device)
      : stringify(newDevice(device, about, points), { lineWidth: 0 }),
  );
  if (about.kind !== 'cpu') return [deviceFile];
  const hostFile = join(out, `${device}-host.yaml`);
  writeWhole(hostFile, stringify(newHost(device, about), { lineWidth: 0 }));
  return [deviceFile, hostFile];
}

/** The catalogue's file, pointing at the new measurements. */
function fromCatalogue(device: string): string {
  const text = readTextFile(join(packageRoot, 'hardware-profiles/catalogue/devices', `${device}.yaml`));
  const lines = text.trimEnd().split('\n');
  const kept = lines.filter((line) => !/^(measurements|calibrated_like):/.test(line));
  return `${[...kept, `measurements: ./${device}`].join('\n')}\n`;
}

function newDevice(device: string, about: DeviceDescription, points: readonly MeasuredPoint[]) {
  const measured = (value: string | number, source: string): Field => ({
    value,
    evidence: 'measured',
    source,
  });
  const assumed = (value: string | number, source: string): Field => ({ value, evidence: 'assumed', source });
  const isCpu = about.kind === 'cpu';
  const bandwidth = bestRate(points, 'memory-stream', 'bytes');
  const gather = oneCoreGather(points);
  const launch = Math.min(
    ...points.filter(({ operator }) => operator === 'kernel-launch').map((p) => p.medianS),
  );
  return {
    kind: 'device',
    name: device,
    description: `${about.name}, as the calibration harness found it.`,
    type: about.kind,
    vendor: about.name.split(/\s/)[0],
    peak: peaks(points),
    memory: {
      capacity: measured(`${Math.round(about.memoryBytes / 1e6)} MB`, 'reported by the device'),
      bandwidth:
        bandwidth === undefined
          ? assumed(isCpu ? '50 GB/s' : '500 GB/s', 'memory-stream was not measured: edit it')
          : measured(rate(bandwidth, 'B/s'), 'best stream that the harness measured'),
    },
    cache: measured(`${Math.max(1, Math.round(about.cacheBytes / 1024))} KiB`, 'reported by the device'),
    launch_overhead: Number.isFinite(launch)
      ? measured(`${significant(launch * 1e6)} us`, 'empty kernel that the harness measured')
      : assumed('4 us', 'no launch was measured'),
    power: assumed(isCpu ? '200 W' : '300 W', 'not measured by the harness: edit it'),
    ...(isCpu && {
      cores: measured(about.units, 'reported by the operating system'),
      clock: assumed(`${clockMhz()} MHz`, 'reported by the operating system at the time'),
      core_bandwidth:
        gather === undefined
          ? assumed('5 GB/s', 'memory-gather was not measured: edit it')
          : measured(
              rate(Math.min(gather, bandwidth ?? 50e9), 'B/s'),
              'random rows read by one core, measured by the harness',
            ),
    }),
    ...(!isCpu && { units: measured(about.units, 'reported by the device') }),
    efficiency: {
      dense: assumed(0.6, 'where no matrix product was measured'),
      stream: assumed(0.85, 'where no streaming operator was measured'),
      gather: assumed(0.6, 'where no lookup was measured'),
    },
    measurements: `./${device}`,
  };
}

/** Best arithmetic rates of matrix products by data type; fp32, which every device needs, is assumed where none ran. */
function peaks(points: readonly MeasuredPoint[]): Record<string, Field> {
  const best = new Map<string, number>();
  for (const { operator, dataType, shape, medianS } of points) {
    if (operator !== 'gemm') continue;
    const flopPerS = operatorWork('gemm', dataType, shape).flops / medianS;
    if (flopPerS > (best.get(dataType) ?? 0)) best.set(dataType, flopPerS);
  }
  const found = Object.fromEntries(
    [...best].map(([type, flopPerS]) => [
      type,
      {
        value: rate(flopPerS, 'FLOP/s'),
        evidence: 'measured',
        source: 'best matrix product that the harness measured',
      } satisfies Field,
    ]),
  );
  if (best.has('fp32')) return found;
  return {
    fp32: {
      value: '100 GFLOP/s',
      evidence: 'assumed',
      source: 'no fp32 matrix product was measured: edit it',
    },
    ...found,
  };
}

function newHost(device: string, about: DeviceDescription) {
  const assumed = (value: string | number, source: string): Field => ({ value, evidence: 'assumed', source });
  return {
    kind: 'host',
    name: `${device}-host`,
    description: `A host like the one that ${device} was measured in.`,
    cpu: `./${device}.yaml`,
    sockets: assumed(1, 'one socket was measured'),
    dram: {
      value: `${Math.round(Math.min(totalmem(), about.memoryBytes) / 1e6)} MB`,
      evidence: 'measured',
      source: 'reported by the operating system',
    },
    nic: assumed('25 Gbit/s', 'not measured by the harness: edit it'),
    price: assumed('1 USD/h', 'not known to the harness: edit it'),
    power_idle: assumed('100 W', 'not measured by the harness: edit it'),
    power_busy: assumed('300 W', 'not measured by the harness: edit it'),
  };
}

/** Most bytes per second that an operator moved; undefined when it was not measured. */
function bestRate(points: readonly MeasuredPoint[], operator: string, axis: string): number | undefined {
  const rates = points.filter((point) => point.operator === operator).map((p) => p.shape[axis] / p.medianS);
  return rates.length > 0 ? Math.max(...rates) : undefined;
}

function oneCoreGather(points: readonly MeasuredPoint[]): number | undefined {
  const rates = points
    .filter(({ operator, shape }) => operator === 'memory-gather' && shape.busy === 1)
    .map(({ shape, medianS }) => shape.bytes / medianS);
  return rates.length > 0 ? Math.max(...rates) : undefined;
}

function clockMhz(): number {
  return cpus()[0]?.speed || 2000;
}

function rate(value: number, unit: string): string {
  return `${significant(value / 1e9, 4)} G${unit}`;
}
