import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../foundation/files.ts';
import type { RunRecord } from '../hardware-profiles/measurements-schema.ts';
import type { ComputeDevice } from './device.ts';

/** Clock rates seen during a run, one reading at a time. */
export class ClockReadings {
  private readonly core: number[] = [];
  private readonly memory: number[] = [];

  async read(device: ComputeDevice): Promise<void> {
    const { coreHz, memoryHz } = await device.clocks();
    if (coreHz) this.core.push(coreHz);
    if (memoryHz) this.memory.push(memoryHz);
  }

  summary(): RunRecord['clocks'] {
    return {
      ...(this.core.length > 0 && { core_hz: spread(this.core) }),
      ...(this.memory.length > 0 && { memory_hz: spread(this.memory) }),
    };
  }
}

/** What is written down about a run before it starts; counts, clocks and failures follow. */
export async function runRecord(
  device: ComputeDevice,
  { version, date, budgetS, seed }: { version: string; date: string; budgetS: number; seed: number },
): Promise<RunRecord> {
  const about = await device.describe();
  return {
    backend: device.backend,
    date,
    reported: {
      name: about.name,
      units: about.units,
      memory_bytes: about.memoryBytes,
      cache_bytes: about.cacheBytes,
      ...about.details,
    },
    versions: about.versions,
    clocks: {},
    harness: { version, kernels: kernelHash() },
    host_cpu: cpus()[0]?.model.trim() ?? 'unknown',
    budget_s: budgetS,
    seed,
    measured: 0,
    failed: [],
  };
}

/** Hash of all kernel sources: measurements of other kernels are of other things. */
export function kernelHash(): string {
  const hash = createHash('sha256');
  for (const folder of ['harness/kernels', 'harness/python']) {
    for (const file of filesBelow(join(packageRoot, folder))) hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === '__pycache__' ? [] : filesBelow(path);
      return /\.(cu|cuh|cpp|h|wgsl|py)$/.test(entry.name) ? [path] : [];
    });
}

function spread(values: number[]): { min: number; median: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b);
  return { min: sorted[0], median: sorted[sorted.length >> 1], max: sorted[sorted.length - 1] };
}
