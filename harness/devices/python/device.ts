import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MeasuredDataType, OperatorName } from '../../../hardware-profiles/operators-measured.ts';
import type {
  ComputeDevice,
  DeviceDescription,
  Kernel,
  KernelResources,
  Launch,
  Memory,
  Program,
} from '../../device.ts';
import type { Pattern } from '../../patterns.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Data up to this many bytes travels inside the line, more of it through a file. */
const inlineBytes = 1 << 18;

/** A kernel of the worker, with what it tells about it: the framework's call behind it, for example. */
export interface PythonKernel extends Kernel {
  readonly number: number;
  readonly details: Record<string, string | number>;
}

interface PythonMemory extends Memory {
  readonly number: number;
}

interface Opened {
  description: DeviceDescription;
  implementations: Partial<Record<OperatorName, Partial<Record<MeasuredDataType, string[]>>>>;
}

/** One device of a Python worker. */
export class PythonDevice implements ComputeDevice {
  readonly backend = 'python';
  /** How the last timing was done: by captured graphs, by events around launches, or by the worker's clock. */
  lastClock?: string;
  private readonly worker: WorkerProcess;
  private readonly opened: Opened;
  /** For data too large for a line; made when it is first needed. */
  private folder?: string;
  private files = 0;

  private constructor(worker: WorkerProcess, opened: Opened) {
    this.worker = worker;
    this.opened = opened;
  }

  static async open(worker: WorkerProcess, index: number): Promise<PythonDevice> {
    return new PythonDevice(worker, await worker.request<Opened>('open', { index }));
  }

  async describe(): Promise<DeviceDescription> {
    return this.opened.description;
  }

  implementations(operator: OperatorName, dataType: MeasuredDataType): string[] {
    return this.opened.implementations[operator]?.[dataType] ?? [];
  }

  async compile(program: Program): Promise<PythonKernel> {
    const { operator, dataType, implementation, shape } = program;
    const axes = Object.entries(shape).map(([axis, size]) => `${axis}=${size}`);
    const { kernel, details, checkedError } = await this.worker.request<{
      kernel: number;
      details: Record<string, string | number>;
      checkedError?: number;
    }>('compile', { program }, `${implementation} ${operator} on ${dataType} (${axes.join(', ')})`);
    return {
      program,
      number: kernel,
      details,
      ...(program.source && { resources: details as KernelResources }),
      ...(checkedError !== undefined && { checkedError }),
    };
  }

  async release(kernel: Kernel): Promise<void> {
    await this.worker.request('release', { kernel: (kernel as PythonKernel).number });
  }

  async allocate(bytes: number): Promise<PythonMemory> {
    const { memory } = await this.worker.request<{ memory: number }>('allocate', { bytes });
    return { bytes, number: memory };
  }

  async free(memory: Memory): Promise<void> {
    await this.worker.request('free', { memory: numberOf(memory) });
  }

  async fill(memory: Memory, pattern: Pattern): Promise<void> {
    await this.worker.request('fill', { memory: numberOf(memory), pattern });
  }

  async write(memory: Memory, data: Uint8Array, offset = 0): Promise<void> {
    const target = { memory: numberOf(memory), offset };
    if (data.length <= inlineBytes) {
      await this.worker.request('write', { ...target, data: Buffer.from(data).toString('base64') });
      return;
    }
    const file = this.newFile();
    try {
      await writeFile(file, data);
      await this.worker.request('write', { ...target, file });
    } finally {
      await rm(file, { force: true });
    }
  }

  async read(memory: Memory, offset: number, bytes: number): Promise<Uint8Array> {
    const source = { memory: numberOf(memory), offset, bytes };
    if (bytes <= inlineBytes) {
      const { data } = await this.worker.request<{ data: string }>('read', source);
      return new Uint8Array(Buffer.from(data, 'base64'));
    }
    const file = this.newFile();
    try {
      await this.worker.request('read', { ...source, file });
      return new Uint8Array(await readFile(file));
    } finally {
      await rm(file, { force: true });
    }
  }

  async run(launch: Launch): Promise<void> {
    await this.worker.request('run', { launch: numbered(launch) }, nameOf(launch));
  }

  async time(
    launches: readonly Launch[],
    options: { warmUp: number; repeats: number },
  ): Promise<Float64Array> {
    const params = { launches: launches.map(numbered), ...options };
    const { seconds, clock } = await this.worker.request<{ seconds: number[]; clock: string }>(
      'time',
      params,
      `timing of ${launches.length > 0 ? nameOf(launches[0]) : 'nothing'}`,
    );
    this.lastClock = clock;
    return Float64Array.from(seconds);
  }

  async clocks(): Promise<{ coreHz?: number; memoryHz?: number }> {
    return this.worker.request('clocks');
  }

  async close(): Promise<void> {
    await this.worker.close();
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }

  private newFile(): string {
    this.folder ??= mkdtempSync(join(tmpdir(), 'rankfleet-python-'));
    this.files++;
    return join(this.folder, `${this.files}.bin`);
  }
}

function numberOf(memory: Memory): number {
  return (memory as PythonMemory).number;
}

function numbered({ kernel, tensors }: Launch): { kernel: number; tensors: number[] } {
  return { kernel: (kernel as PythonKernel).number, tensors: tensors.map(numberOf) };
}

function nameOf({ kernel: { program } }: Launch): string {
  return `${program.implementation} ${program.operator} on ${program.dataType}`;
}
