import type { Evidenced } from '../../foundation/evidence.ts';
import { loadDevice } from '../../hardware-profiles/files.ts';
import type { Device, Host } from '../../hardware-profiles/profile.ts';
import { findAccelerator, findCpu, hostLinkBytesPerS } from './devices.ts';
import { type PublishedRow, roundNumber } from './published-rows.ts';

/** What of a published system decides about its time: as few words as tell two systems apart. */
export interface System {
  model: PublishedRow['model'];
  /** Name in the catalogue; absent on a system of CPUs alone. */
  accelerator?: string;
  accelerators: number;
  cpu: string;
  sockets: number;
  /** Type of DLRM-v2's cross layers on an accelerator. */
  cross: 'int8' | 'fp16';
  /** Most of the tables that accelerator memory is told to hold. */
  shareOnAccelerator: number;
  notes: string[];
}

/** CPU of a GPU system whose own has no profile: it only starts batches. */
const usualHostCpu = 'xeon-8480-plus';

/** The first round whose 99 % engines compute the cross layers in int8 (facts of the published code). */
const int8CrossRound = 4;

/** @returns the system of a row, or why there is none */
export function systemOf(row: PublishedRow): System | { missing: string } {
  const cpu = findCpu(row.cpu);
  const common = { model: row.model, sockets: Math.max(1, Math.round(row.cpusPerNode * row.nodes)) };
  if (row.accelerator === '') {
    if ('missing' in cpu) return cpu;
    const notes = cpu.note === undefined ? [] : [cpu.note];
    return { ...common, accelerators: 0, cpu: cpu.name, cross: 'int8', shareOnAccelerator: 1, notes };
  }
  const found = findAccelerator(row.accelerator);
  if ('missing' in found) return found;
  return {
    ...common,
    accelerator: found.name,
    accelerators: row.accelerators,
    cpu: 'missing' in cpu ? usualHostCpu : cpu.name,
    cross: crossType(row),
    shareOnAccelerator: row.shareOnAccelerator ?? 1,
    notes: found.note === undefined ? [] : [found.note],
  };
}

function crossType({ model, round, accuracy, crossPrecision }: PublishedRow): 'int8' | 'fp16' {
  if (crossPrecision !== undefined) return /int8/i.test(crossPrecision) ? 'int8' : 'fp16';
  const isHighAccuracy = accuracy.includes('99.9');
  return model === 'DLRM-v2' && (isHighAccuracy || roundNumber(round) < int8CrossRound) ? 'fp16' : 'int8';
}

/** A host with one accelerator and its part of the CPUs, or with all CPUs where there is none. */
export function hostOf({ accelerator, accelerators, cpu, sockets }: System): Host {
  const device = accelerator === undefined ? undefined : loadDevice(accelerator);
  const link = accelerator === undefined ? 0 : hostLinkBytesPerS(accelerator);
  const figure = (value: number): Evidenced => ({
    value,
    evidence: 'assumed',
    source: 'no part in the prediction',
  });
  const processor = loadDevice(cpu);
  return {
    name: accelerator === undefined ? `${sockets} × ${cpu}` : `${accelerator} beside ${cpu}`,
    description: 'a published system of MLPerf Inference',
    cpu: processor,
    sockets: figure(accelerator === undefined ? sockets : Math.max(1, sockets / Math.max(1, accelerators))),
    dramBytes: figure(sockets * processor.memory.capacityBytes.value),
    nicBytesPerS: figure(12.5e9),
    ...(device && {
      accelerators: {
        device,
        count: figure(1),
        hostLinkBytesPerS: {
          value: link,
          evidence: 'datasheet' as const,
          source: 'link of the device, each direction',
        },
        peerLinkBytesPerS: figure(link),
      },
    }),
    pricePerHourUsd: figure(1),
    powerIdleW: figure(1),
    powerBusyW: figure(1),
  };
}

/** Memory of an accelerator that tables may take (bytes). */
export function tableRoom(device: Device, reserved: number): number {
  return device.memory.capacityBytes.value * (1 - reserved);
}
