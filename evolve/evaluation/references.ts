import { backend } from '../../harness/backends.ts';
import type { ComputeDevice, Kernel, Program } from '../../harness/device.ts';
import { PythonDevice } from '../../harness/devices/python/device.ts';
import { LiveProblem, type Problem } from '../../harness/problem.ts';
import { verify } from '../../harness/verify.ts';
import type { Artifact } from '../artifact.ts';
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

  /** @param usesPython whether to look for a framework on the same processor, when a reference is first asked for */
  constructor(own: ComputeDevice, choice: DeviceChoice, usesPython: boolean) {
    this.own = own;
    this.openFramework = usesPython ? () => openFramework(choice) : async () => undefined;
  }

  /** Whether a shape's references are there already. */
  has(program: Program): boolean {
    return this.known.has(keyOf(program));
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
    const tried: string[] = [];
    this.framework ??= this.openFramework();
    const framework = await this.framework.catch((error: Error) => {
      tried.push(`Python: ${error.message.split('\n', 1)[0]}`);
      return undefined;
    });
    let best: Reference | undefined;
    for (const option of await this.options(program, job, framework)) {
      best = await rightOne(option, tried);
      if (best) break;
    }
    if (!best) {
      throw new NoReference(
        `nothing to time a kernel of ${program.operator} against: ${tried.join('; ') || 'no implementation'}`,
      );
    }
    const refused = [...tried];
    const eager = framework && (await eagerOf(program, framework, tried));
    return { best, refused, ...(eager && { eager }) };
  }

  /** The best first: a compiling framework, the vendor's library, ours, the framework as it is, the task's own. */
  private async options(
    { source: _, ...program }: Program,
    { baseline, task, dataType }: Job,
    framework: ComputeDevice | undefined,
  ): Promise<Option[]> {
    const options: Option[] = [];
    const add = async (device: ComputeDevice | undefined, implementation: string) => {
      if (!device?.implementations(program.operator, dataType).includes(implementation)) return;
      const named = { ...program, implementation };
      options.push({ device, program: named, name: await nameOf(device, implementation) });
    };
    await add(framework, 'torch-compile');
    for (const name of vendorLibraries) await add(this.own, name);
    await add(this.own, 'rankfleet');
    for (const name of ['torch-eager', 'numpy', 'python']) await add(framework, name);
    if (baseline) options.push(this.baselineOf(baseline, { task, dataType }, program));
    return options;
  }

  private baselineOf(
    baseline: Artifact,
    { task, dataType }: Pick<Job, 'task' | 'dataType'>,
    program: Program,
  ) {
    const { shape, cores = 0, problem } = program;
    const named = candidateProgram(baseline, task, dataType, shape, cores, problem);
    return { device: this.own, program: named, name: `plain ${baseline.language} kernel` };
  }
}

/** A task for which there is nothing to compare with. */
export class NoReference extends Error {}

interface Option {
  device: ComputeDevice;
  program: Program;
  name: string;
}

async function rightOne({ device, program, name }: Option, tried: string[]): Promise<Reference | undefined> {
  try {
    const kernel = await device.compile(program);
    const verdict = await verify(device, kernel);
    if (verdict.ok) return { device, kernel, name };
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
  const python = await backend('python');
  if (name === 'python') return python.open(index);
  const wanted = name === 'cpu' ? 'CPU by torch' : `(cuda:${index})`;
  if (name === 'webgpu') return undefined;
  const place = (await python.find()).devices.findIndex((each) => each.endsWith(wanted));
  return place < 0 ? undefined : python.open(place);
}

async function eagerOf(
  { source: _, ...program }: Program,
  framework: ComputeDevice,
  tried: string[],
): Promise<Reference | undefined> {
  const implementation = 'torch-eager';
  if (!framework.implementations(program.operator, program.dataType).includes(implementation))
    return undefined;
  const name = await nameOf(framework, implementation);
  return rightOne({ device: framework, program: { ...program, implementation }, name }, tried);
}

/** What references of a program have in common, whatever the candidate. */
export function keyOf({ operator, problem, dataType, shape, cores }: Program): string {
  return JSON.stringify([problem?.problem.key ?? operator, dataType, shape, cores]);
}
