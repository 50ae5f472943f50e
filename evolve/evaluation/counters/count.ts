import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../foundation/files.ts';
import type { MeasuredDataType, Shape } from '../../../hardware-profiles/operators-measured.ts';
import type { Artifact } from '../../artifact.ts';
import type { Counters } from '../../counters.ts';
import { mostImportant } from '../../diagnosis/most-important.ts';
import type { ShapeTiming } from '../../evaluation.ts';
import type { KernelTask } from '../../kernel-task.ts';
import type { DeviceChoice, Job } from '../messages.ts';
import { findProfiler, profile } from './profiler.ts';
import { readCounters } from './read-counters.ts';

/** One run of a kernel on one shape. Plain data. */
export interface CountedRun {
  device: DeviceChoice;
  artifact: Artifact;
  task: KernelTask;
  dataType: MeasuredDataType;
  shape: Shape;
  seed: number;
}

/** What was counted, and on which shape; or in a line why nothing was. */
export type Counted = { counters: Counters; shape: Shape } | { why: string };

/** Processes cannot load TypeScript sources. */
const script = join(packageRoot, 'dist/evolve/evaluation/counters/profiled-run.js');

/** Whether kernels of a device are of those that the profiler knows. */
export function canBeCounted({ backend }: DeviceChoice): boolean {
  return backend === 'cuda' || backend === 'python';
}

/**
 * Counts what the hardware did while a kernel ran on the shape that matters most. The device is to be held meanwhile.
 * @param timings of the kernel, which was found right
 */
export async function countersOf(
  { artifact, task, dataType, seed }: Job,
  device: DeviceChoice,
  timings: readonly ShapeTiming[],
  { withinS, signal }: { withinS: number; signal: AbortSignal },
): Promise<Counted> {
  const profiler = findProfiler();
  if (profiler === undefined) return { why: 'no ncu on PATH or in /usr/local/cuda*/bin' };
  if (task.problem) return { why: 'those of problem files are not read' };
  const kernels = kernelNames(artifact);
  if (kernels.length === 0) return { why: 'no name of a kernel stands in the source' };
  const { shape } = mostImportant(timings, task);
  const run: CountedRun = { device, artifact, task, dataType, shape, seed };
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-counters-'));
  try {
    const file = join(folder, 'run.json');
    writeFileSync(file, JSON.stringify(run));
    const command = [process.execPath, script, file];
    const ended = await profile({ profiler, command, kernels, folder, withinS, signal });
    if ('why' in ended) return ended;
    const counters = readCounters(ended.printed);
    return counters ? { counters, shape } : { why: `${profiler} counted no kernel` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Kernels that a source launches, or may launch. */
export function kernelNames({ language, text }: Artifact): string[] {
  const pattern =
    language === 'triton' ? /@triton\.jit\b[^\n]*\n\s*def\s+(\w+)/g : /^\s*\/\/\s*@launch\s+(\w+)/gm;
  return [...new Set([...text.matchAll(pattern)].map(([, name]) => name))];
}
