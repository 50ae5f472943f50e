import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { csvHeader, csvLine } from '../../hardware-profiles/measurement-csv.ts';
import type { Manifest } from '../../hardware-profiles/measurements-schema.ts';
import type { MeasuredPoint } from '../../hardware-profiles/operators-measured.ts';

/** A point with usual values where a test says nothing else. */
export function pointOf(
  given: Pick<MeasuredPoint, 'operator' | 'shape'> & Partial<MeasuredPoint>,
): MeasuredPoint {
  return {
    backend: 'cuda',
    implementation: 'rankfleet',
    dataType: 'fp16',
    cores: 0,
    medianS: 1e-5,
    spread: 0.01,
    repeats: 20,
    cache: 'cold',
    error: 0,
    tolerance: 1e-3,
    ...given,
  };
}

/** A manifest of one run that failed nowhere. */
export function manifestOf(device: string, given: Partial<Manifest> = {}): Manifest {
  return {
    format: 'rankfleet-measurements',
    version: 1,
    device,
    runs: [
      {
        backend: 'cuda',
        date: '2025-01-02',
        reported: { name: 'Test GPU', units: 132, memory_bytes: 1e11, cache_bytes: 5e7 },
        versions: { driver: '1.2' },
        clocks: { core_hz: { min: 1e9, median: 1.5e9, max: 2e9 } },
        harness: { version: '0.1.0', kernels: 'abc' },
        host_cpu: 'test cpu',
        budget_s: 60,
        seed: 1,
        measured: 2,
        failed: [],
      },
    ],
    ...given,
  };
}

/** Writes a folder of measurements. */
export function writeMeasurements(
  folder: string,
  manifest: Manifest,
  points: readonly MeasuredPoint[],
): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'manifest.yaml'), stringify(manifest));
  for (const operator of new Set(points.map((point) => point.operator))) {
    const lines = points.filter((point) => point.operator === operator).map(csvLine);
    writeFileSync(join(folder, `${operator}.csv`), `${[csvHeader(operator), ...lines].join('\n')}\n`);
  }
  return folder;
}

/** Calls with a folder that is gone afterwards. */
export function withFolder<Result>(act: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-measured-'));
  try {
    return act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
