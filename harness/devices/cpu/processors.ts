import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';

/** What this machine's processors are, as far as the system tells. */
export interface Machine {
  model: string;
  /** One logical processor of each core that this process may run on; -1 where the system cannot pin. */
  processors: number[];
  /** Last-level caches of those cores together, in bytes; 0 where unknown. */
  cacheBytes: number;
  /** Second-level cache of one core. */
  coreCacheBytes: number;
  memoryBytes: number;
  /** Instruction sets and the like: equal on machines for which a compiler makes the same code. */
  features: string;
}

const system = '/sys/devices/system/cpu';

/** Looks at the machine. Never throws: what is not told has a usual value. */
export function describeMachine(): Machine {
  const information = text('/proc/cpuinfo');
  const field = (name: string) => information.match(new RegExp(`^${name}\\s*:\\s*(.+)$`, 'm'))?.[1]?.trim();
  const model = field('model name') ?? cpus()[0]?.model?.trim() ?? '';
  const processors = usableProcessors();
  return {
    model: model || `${process.arch} processor`,
    processors,
    cacheBytes: lastLevelBytes(processors),
    coreCacheBytes: cachesOf(processors[0]).find(({ level }) => level === 2)?.bytes ?? 0,
    memoryBytes: memoryBytes(),
    features: `${process.platform} ${process.arch} ${model} ${field('flags') ?? field('Features') ?? ''}`,
  };
}

/** Bytes that can be allocated now: of the machine, and of the control group that the process runs in. */
export function availableMemoryBytes(): number {
  return Math.min(freemem(), process.availableMemory());
}

/** Mean clock rate of the given processors right now, where the system tells. */
export function clockHz(processors: readonly number[]): number | undefined {
  const scaled = processors.map((n) => Number(text(`${system}/cpu${n}/cpufreq/scaling_cur_freq`)) * 1e3);
  if (scaled.length > 0 && scaled.every((hz) => hz > 0)) return mean(scaled);
  const all = [...text('/proc/cpuinfo').matchAll(/^cpu MHz\s*:\s*([\d.]+)$/gm)].map(
    ([, mhz]) => Number(mhz) * 1e6,
  );
  return all.length > 0 ? mean(all) : undefined;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(totalmem(), limit) : totalmem();
}

/** One thread of each physical core in the process's affinity, no more than the control group's quota of time. */
function usableProcessors(): number[] {
  const allowed = parseList(text('/proc/self/status').match(/^Cpus_allowed_list:\s*(.+)$/m)?.[1] ?? '');
  if (allowed.length === 0) return Array.from({ length: availableParallelism() }, () => -1);
  const cores = new Map<string, number>();
  for (const processor of allowed) {
    const siblings = text(`${system}/cpu${processor}/topology/thread_siblings_list`) || String(processor);
    if (!cores.has(siblings)) cores.set(siblings, processor);
  }
  return [...cores.values()].slice(0, Math.max(1, Math.floor(quotaCores())));
}

/** Cores' worth of time that the control group grants. */
function quotaCores(): number {
  const [quota, period] = text('/sys/fs/cgroup/cpu.max').split(' ').map(Number);
  return quota > 0 && period > 0 ? quota / period : Number.POSITIVE_INFINITY;
}

interface Cache {
  level: number;
  bytes: number;
  /** Processors that share it. */
  shared: string;
}

function cachesOf(processor: number): Cache[] {
  const folder = `${system}/cpu${processor}/cache`;
  return entries(folder)
    .filter((name) => name.startsWith('index') && text(`${folder}/${name}/type`) !== 'Instruction')
    .map((name) => ({
      level: Number(text(`${folder}/${name}/level`)),
      bytes: parseBytes(text(`${folder}/${name}/size`)),
      shared: text(`${folder}/${name}/shared_cpu_list`),
    }));
}

function lastLevelBytes(processors: readonly number[]): number {
  const last = new Map<string, number>();
  for (const processor of processors) {
    const caches = cachesOf(processor).sort((a, b) => b.level - a.level);
    if (caches.length > 0) last.set(caches[0].shared, caches[0].bytes);
  }
  return [...last.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function parseBytes(size: string): number {
  const [, digits, unit] = size.match(/^(\d+)([KMG]?)/) ?? [];
  return Number(digits ?? 0) * ({ K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[unit] ?? 1);
}

/** `0-3,8` as numbers. */
export function parseList(list: string): number[] {
  return list
    .split(',')
    .filter((part) => /^\d+(-\d+)?$/.test(part.trim()))
    .flatMap((part) => {
      const [first, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
