import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MeasuredDataType } from '../../../hardware-profiles/operators-measured.ts';
import type {
  ComputeDevice,
  DeviceDescription,
  GuardedMemory,
  Kernel,
  KernelResources,
  Launch,
  Memory,
  Program,
  ProgramOperator,
} from '../../device.ts';
import type { Pattern } from '../../patterns.ts';
import { lengthOf, type ProblemFacts, type ProblemOracle, type ProblemPlace } from '../../problem.ts';
import type { StepAnswer, StepJob } from '../../training/step-job.ts';
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
  readonly guards?: { before: PythonMemory; after: PythonMemory };
}

interface Opened {
  description: DeviceDescription;
  implementations: Partial<Record<ProgramOperator, Partial<Record<MeasuredDataType, string[]>>>>;
}

/** One device of a Python worker. */
export class PythonDevice implements ComputeDevice, ProblemOracle {
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

  implementations(operator: ProgramOperator, dataType: MeasuredDataType): string[] {
    return this.opened.implementations[operator]?.[dataType] ?? [];
  }

  async compile(program: Program): Promise<PythonKernel> {
    const { operator, dataType, implementation, shape } = program;
    const axes = Object.entries(shape).map(([axis, size]) => `${axis}=${size}`);
    const { kernel, details, checkedError, computesBy } = await this.worker.request<{
      kernel: number;
      details: Record<string, string | number>;
      checkedError?: number;
      computesBy?: string;
    }>('compile', { program }, `${implementation} ${operator} on ${dataType} (${axes.join(', ')})`);
    return {
      program,
      number: kernel,
      details,
      ...(program.source && { resources: details as KernelResources }),
      ...(checkedError !== undefined && { checkedError }),
      ...(computesBy && { computesBy }),
    };
  }

  async release(kernel: Kernel): Promise<void> {
    await this.worker.request('release', { kernel: (kernel as PythonKernel).number });
  }

  async allocate(bytes: number): Promise<PythonMemory> {
    const { memory } = await this.worker.request<{ memory: number }>('allocate', { bytes });
    return { bytes, number: memory };
  }

  async allocateGuarded(bytes: number, guardBytes: number): Promise<PythonMemory & GuardedMemory> {
    const { before, memory, after } = await this.worker.request<
      Record<'before' | 'memory' | 'after', number>
    >('allocate-guarded', { bytes, guardBytes });
    const zone = (number: number) => ({ bytes: guardBytes, number });
    return { bytes, number: memory, guards: { before: zone(before), after: zone(after) } };
  }

  /** What PyTorch finds in a problem file. @throws ProblemRefused; Unsupported where PyTorch is not there */
  async describeProblem(text: string): Promise<ProblemFacts> {
    return this.worker.request('describe-problem', { text }, 'the problem');
  }

  /** Fills a memory with what a problem's input is for a seed. */
  async fillProblem(memory: Memory, at: ProblemPlace): Promise<void> {
    await this.worker.request('fill-problem', { memory: numberOf(memory), ...at }, at.tensor);
  }

  async input(at: ProblemPlace, offset: number, bytes: number): Promise<Uint8Array> {
    return this.bytesOf('problem-input', { ...at, offset, bytes }, bytes, at.tensor);
  }

  async answers(at: ProblemPlace, indices?: readonly number[]): Promise<Float64Array> {
    const { dims } = at.problem.tensors.find(({ name }) => name === at.tensor)!;
    const count = indices?.length ?? lengthOf(dims);
    const read = await this.bytesOf(
      'problem-answers',
      { ...at, ...(indices && { indices }) },
      8 * count,
      at.tensor,
    );
    return new Float64Array(read.slice().buffer);
  }

  async free(memory: Memory): Promise<void> {
    // The memory last: with it goes what it is a part of.
    for (const each of [...Object.values((memory as PythonMemory).guards ?? {}), memory]) {
      await this.worker.request('free', { memory: numberOf(each) });
    }
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
    return this.bytesOf('read', { memory: numberOf(memory), offset, bytes }, bytes);
  }

  /** Bytes that a request is answered with: in the reply where they are few, else in a file. */
  private async bytesOf(method: string, params: object, bytes: number, what = method): Promise<Uint8Array> {
    if (bytes <= inlineBytes) {
      const { data } = await this.worker.request<{ data: string }>(method, params, what);
      return new Uint8Array(Buffer.from(data, 'base64'));
    }
    const file = this.newFile();
    try {
      await this.worker.request(method, { ...params, file }, what);
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

  /**
   * Times of one training step by each path of a job, in seconds.
   * @throws Unsupported for what the program does not build; OutOfMemory; WorkerFailure for a step that is wrong
   */
  async trainingStep(job: StepJob): Promise<StepAnswer> {
    return this.worker.request('training-step', { job }, 'the training step');
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
