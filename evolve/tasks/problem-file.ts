import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { readTextFile } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import { backend } from '../../harness/backends.ts';
import { DeviceUnavailable, ProblemRefused, Unsupported } from '../../harness/device.ts';
import type { PythonDevice } from '../../harness/devices/python/device.ts';
import { WorkerFailure } from '../../harness/devices/python/reply-error.ts';
import type { ProblemFacts } from '../../harness/problem.ts';
import type { KernelTask } from '../kernel-task.ts';

export interface ProblemOptions {
  /** Whether candidates may compute by PyTorch's own operators. */
  allowsTorch?: boolean;
}

/**
 * Reads problem files, one after the other, in one process of Python: on the best device that PyTorch has here.
 */
export class ProblemReader {
  private device: Promise<PythonDevice> | undefined;
  private readonly longestS: number;

  /** @param longestS seconds that a file may take to be loaded and run */
  constructor(longestS = 300) {
    this.longestS = longestS;
  }

  /**
   * The task of a problem file: its model is run, so that its tensors and their sizes are known.
   * @throws InputError that says what the file lacks, or what fails in it; DeviceUnavailable where there is no PyTorch
   */
  async read(file: string, { allowsTorch = false }: ProblemOptions = {}): Promise<KernelTask> {
    const text = readTextFile(file);
    try {
      return taskOf(file, text, await this.describe(text), allowsTorch);
    } catch (error) {
      if (error instanceof ProblemRefused) throw new InputError([{ file, message: error.message }]);
      if (error instanceof Unsupported) {
        const { looked } = await (await backend('python')).find();
        throw new DeviceUnavailable('PyTorch', [...looked, error.message]);
      }
      throw error;
    }
  }

  /** @throws ProblemRefused where the file is too slow or takes its process down, too; the next file gets another one */
  private async describe(text: string): Promise<ProblemFacts> {
    this.device ??= openPython();
    const device = await this.device;
    let isLate = false;
    const end = () => {
      isLate = true;
      void device.close();
    };
    const timer = setTimeout(end, this.longestS * 1000);
    try {
      return await device.describeProblem(text);
    } catch (error) {
      if (!(error instanceof WorkerFailure)) throw error;
      this.device = undefined;
      await device.close();
      throw new ProblemRefused(
        isLate ? `did not run within ${this.longestS} s` : `cannot be run: ${error.message}`,
      );
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await (await this.device?.catch(() => undefined))?.close();
  }
}

async function openPython(): Promise<PythonDevice> {
  return (await (await backend('python')).open(0)) as PythonDevice;
}

function taskOf(file: string, text: string, facts: ProblemFacts, allowsTorch: boolean): KernelTask {
  const key = createHash('sha256').update(text).digest('hex');
  const name = problemName(file);
  return {
    name,
    title: name.replaceAll('_', ' '),
    source: basename(file),
    operator: 'problem',
    problem: { key, text, ...facts, ...(allowsTorch && { allowsTorch }) },
    dataTypes: facts.dataTypes,
    search: [{ shape: sizesOf(facts) }],
    heldOut: [],
  };
}

/** The file's name without its extension. */
function problemName(file: string): string {
  return basename(file, '.py');
}

/**
 * Sizes that launches and sources may speak of: those of inputs and outputs, `x_0` being the first dimension of x. Those of
 * weights follow from them, or are constants of the model.
 */
function sizesOf({ tensors }: ProblemFacts): Record<string, number> {
  const sizes = tensors
    .filter(({ part }) => part !== 'parameter')
    .flatMap(({ name, dims }) => dims.map((size, place): [string, number] => [`${name}_${place}`, size]));
  return Object.fromEntries(sizes);
}
