import { backend } from '../../harness/backends.ts';
import { type ComputeDevice, DeviceUnavailable, type Kernel, type Program } from '../../harness/device.ts';
import { PythonDevice } from '../../harness/devices/python/device.ts';
import { LiveProblem, type Problem } from '../../harness/problem.ts';
import { verify } from '../../harness/verify.ts';
import { candidateProgram } from './candidate-program.ts';
import type { DeviceChoice, Job } from './messages.ts';

/** What candidates are timed against: a kernel on the same processor, found right before it counts. */
export interface Reference {
  device: ComputeDevice;
  kernel: Kernel;
  /** With its version: `torch.compile 2.8.0`. */
  name: string;
}

/** References of one shape: what the score is relative to, and the framework without its compiler where it is there. */
export interface References {
  best: Reference;
  eager?: Reference;
  /** What would have been better and did not serve, and why. */
  refused: readonly string[];
}

const vendorLibraries = ['cublaslt', 'hipblaslt', 'mkl', 'openblas'];

/** Finds references, and keeps them for the next candidate. Kernels of candidates never run in a reference's process. */
export class ReferenceShelf {
  private readonly own: ComputeDevice;
  private readonly openFramework: () => Promise<ComputeDevice | undefined>;
  private framework: Promise<ComputeDevice | undefined> | undefined;
  private readonly known = new Map<string, Promise<References>>();
  private readonly prepared = new Map<string, Promise<Options>>();

  /** @param usesPython whether to look for a framework on the same processor, when a reference is first asked for */
  constructor(own: ComputeDevice, choice: DeviceChoice, usesPython: boolean) {
    this.own = own;
    this.openFramework = usesPython ? () => openFramework(choice) : async () => undefined;
  }

  /** Whether a shape's references are there already. */
  has(program: Program): boolean {
    return this.known.has(keyOf(program));
  }

  /** Compiles what a shape's references will most likely be. The device is not needed for long, and need not be one's own. */
  async prepare(program: Program, job: Job): Promise<void> {
    const { best, eager } = await this.options(program, job);
    for (const option of best) if (await compiles(option)) break;
    if (eager) await compiles(eager);
  }

  /** @throws NoReference when nothing on the processor computes the shape rightly, with what was tried */
  of(program: Program, job: Job): Promise<References> {
    const found = this.known.get(keyOf(program)) ?? this.find(program, job);
    this.known.set(keyOf(program), found);
    return found;
  }

  /** A problem with the process that knows its answers. @throws NoReference where there is no PyTorch for this device */
  async live(problem: Problem): Promise<LiveProblem> {
    this.framework ??= this.openFramework();
    const framework = await this.framework;
    if (framework instanceof PythonDevice) return new LiveProblem(problem, framework);
    throw new NoReference('the answers to a problem are found by PyTorch, which is not here for this device');
  }

  private async find(program: Program, job: Job): Promise<References> {
    const options = await this.options(program, job);
    const tried = [...options.tried];
    let best: Reference | undefined;
    for (const option of options.best) {
      best = await rightOne(option, tried);
      if (best) break;
    }
    if (!best) {
      throw new NoReference(
        `nothing to time a kernel of ${program.operator} against: ${tried.join('; ') || 'no implementation'}`,
      );
    }
    const refused = [...tried];
    const eager = options.eager && (await rightOne(options.eager, tried));
    return { best, refused, ...(eager && { eager }) };
  }

  private options(program: Program, job: Job): Promise<Options> {
    const known = this.prepared.get(keyOf(program)) ?? this.optionsFor(program, job);
    this.prepared.set(keyOf(program), known);
    return known;
  }

  /** The best first: a compiling framework, the vendor's library, ours, the framework as it is, the task's own. */
  private async optionsFor(
    { source: _, ...program }: Program,
    { baseline, task, dataType }: Job,
  ): Promise<Options> {
    const tried: string[] = [];
    this.framework ??= this.openFramework();
    const framework = await this.framework.catch((error: Error) => {
      tried.push(`Python: ${error.message.split('\n', 1)[0]}`);
      return undefined;
    });
    const option = async (device: ComputeDevice | undefined, implementation: string) => {
      if (!device?.implementations(program.operator, dataType).includes(implementation)) return [];
      const kernel = once(() => device.compile({ ...program, implementation }));
      return [{ device, kernel, name: await nameOf(device, implementation) }];
    };
    const best = [
      ...(await option(framework, 'torch-compile')),
      ...(await Promise.all(vendorLibraries.map((name) => option(this.own, name)))).flat(),
      ...(await option(this.own, 'rankfleet')),
    ];
    const [eager] = await option(framework, 'torch-eager');
    if (eager) best.push(eager);
    for (const name of ['numpy', 'python']) best.push(...(await option(framework, name)));
    if (baseline) {
      const { shape, cores = 0, problem } = program;
      const kernel = once(async () =>
        this.own.compile(candidateProgram(baseline, task, dataType, shape, cores, problem)),
      );
      best.push({ device: this.own, kernel, name: `plain ${baseline.language} kernel` });
    }
    return { best, tried, ...(eager && { eager }) };
  }
}

/** A task for which there is nothing to compare with. */
export class NoReference extends Error {}

interface Option {
  device: ComputeDevice;
  /** Compiles when it is first asked for. */
  kernel: () => Promise<Kernel>;
  name: string;
}

interface Options {
  best: readonly Option[];
  eager?: Option;
  /** What could not be looked for, and why. */
  tried: readonly string[];
}

function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function compiles({ kernel }: Option): Promise<boolean> {
  return kernel().then(
    () => true,
    () => false,
  );
}

async function rightOne({ device, kernel, name }: Option, tried: string[]): Promise<Reference | undefined> {
  try {
    const verdict = await verify(device, await kernel());
    if (verdict.ok) return { device, kernel: await kernel(), name };
    tried.push(`${name}: ${verdict.reason}`);
  } catch (error) {
    tried.push(`${name}: ${(error as Error).message.split('\n', 1)[0]}`);
  }
  return undefined;
}

async function nameOf(device: ComputeDevice, implementation: string): Promise<string> {
  const { versions } = await device.describe();
  if (implementation.startsWith('torch-')) {
    return `${implementation === 'torch-compile' ? 'torch.compile' : 'torch eager'} ${versions.torch ?? ''}`.trim();
  }
  return [implementation, versions[implementation] ?? ''].join(' ').trim();
}

/** PyTorch on the same processor, in a process of its own; for a candidate in Python what its device is made of. */
async function openFramework({ backend: name, index }: DeviceChoice): Promise<ComputeDevice | undefined> {
  if (name === 'webgpu') return undefined;
  if (name === 'python') return (await backend('python')).open(index);
  const { openPythonWhere } = await import('../../harness/devices/python/python-backend.ts');
  const wanted = name === 'cpu' ? 'CPU by torch' : `(cuda:${index})`;
  try {
    return await openPythonWhere((each) => each.endsWith(wanted));
  } catch (error) {
    if (error instanceof DeviceUnavailable) return undefined;
    throw error;
  }
}

/** What references of a program have in common, whatever the candidate. */
export function keyOf({
  operator,
  problem,
  dataType,
  shape,
  cores,
}: Pick<Program, 'operator' | 'dataType' | 'shape' | 'cores'> & { problem?: { key: string } }): string {
  return JSON.stringify([problem?.key ?? operator, dataType, shape, cores]);
}
