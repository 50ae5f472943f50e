import type { Evidence } from '../foundation/evidence.ts';
import type { ArmDeployment } from '../scenarios/deployment.ts';

/** A kernel that the device which serves an arm lacks, and what the arm does about it. */
export interface KernelGap {
  device: string;
  kernel: string;
  evidence: Evidence;
  source: string;
  /** `tier`: preprocessing runs on CPU hosts in front; `assumed`: taken as written; `unused`: the model needs none. */
  answer: 'tier' | 'assumed' | 'unused';
}

/** All that the serving device of an arm lacks; none where its file lists nothing. */
export function kernelGapsOf({ main, accelerated, preprocessing, serving }: ArmDeployment): KernelGap[] {
  const device = accelerated ? main.host.accelerators!.device : main.host.cpu;
  return (device.missingKernels ?? []).map(({ operator, evidence, source }) => ({
    device: device.name,
    kernel: operator,
    evidence,
    source,
    answer: serving.assume_kernels?.includes(operator)
      ? 'assumed'
      : preprocessing?.missing.includes(operator)
        ? 'tier'
        : 'unused',
  }));
}
