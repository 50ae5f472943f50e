import type { Launch, Memory } from '../../device.ts';
import { HostCopy } from './host-copy.ts';
import type { Dispatch, DispatchKernel } from './kernel.ts';
import { ExhaustedAtWork } from './memory.ts';
import type { DispatchOrder } from './pipeline.ts';
import { Timestamps } from './timestamps.ts';

/** Repeats that one set of timestamps holds. */
const mostRepeats = 2048;

/** Runs a launch and waits. */
export async function runOnce(
  device: GPUDevice,
  order: DispatchOrder,
  kernel: HostCopy | { dispatches(tensors: readonly Memory[]): Dispatch[] },
  tensors: readonly Memory[],
): Promise<void> {
  await checked(device, async () => {
    const encoder = device.createCommandEncoder();
    if (kernel instanceof HostCopy) kernel.encode(encoder, tensors);
    else encodeDispatches(encoder.beginComputePass(), order, kernel.dispatches(tensors));
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    if (kernel instanceof HostCopy) await kernel.echo(tensors);
  });
}

/**
 * Seconds of one launch, by repeat, on the device's clock. All repeats go to the queue before anything is waited for.
 */
export async function timeLaunches(
  device: GPUDevice,
  order: DispatchOrder,
  launches: readonly Launch[],
  { warmUp, repeats }: { warmUp: number; repeats: number },
): Promise<Float64Array> {
  const { commands, launched, alone } = repeatOf(device, order, launches);
  const seconds: number[] = [];
  for (let done = 0; done < warmUp + repeats; done += mostRepeats) {
    const count = Math.min(mostRepeats, warmUp + repeats - done);
    const stamps = new Timestamps(device, count);
    try {
      await checked(device, async () => {
        const together: GPUCommandBuffer[] = [];
        for (let repeat = 0; repeat < count; repeat++) {
          for (const buffer of commands(stamps, repeat)) {
            if (alone) device.queue.submit([buffer]);
            else together.push(buffer);
          }
        }
        // One after the other: some systems end a submission that takes seconds.
        for (const buffer of together) device.queue.submit([buffer]);
        seconds.push(...(await stamps.seconds()));
      });
    } finally {
      stamps.destroy();
    }
  }
  return Float64Array.from(seconds.slice(warmUp), (each) => each / launched);
}

/** How a repeat is put into commands. */
interface Repeat {
  commands(stamps: Timestamps, repeat: number): Iterable<GPUCommandBuffer>;
  /** Launches in one repeat. */
  launched: number;
  /** Each of its command buffers goes to the queue by itself, as soon as it is made. */
  alone: boolean;
}

function repeatOf(device: GPUDevice, order: DispatchOrder, launches: readonly Launch[]): Repeat {
  const copies = launches.filter(({ kernel }) => kernel instanceof HostCopy);
  if (copies.length === 0) return repeatOfDispatches(device, order, launches);
  if (copies.length < launches.length) throw new Error('copies and kernels cannot be timed in one list');
  return repeatOfCopies(device, launches);
}

function repeatOfDispatches(device: GPUDevice, order: DispatchOrder, launches: readonly Launch[]): Repeat {
  const kernels = launches.map(({ kernel }) => kernel as DispatchKernel);
  const rows = launches.map(({ tensors }, index) => {
    const dispatches = kernels[index].dispatches(tensors);
    return Array.from({ length: kernels[index].rounds }, () => dispatches);
  });
  const inOrder = rows.flat();
  const alone = kernels.some((kernel) => kernel.alone);
  // Passes of one repeat: one for all, or one for each launch.
  const groups = alone ? inOrder : [inOrder.flat()];
  return {
    alone,
    launched: inOrder.length,
    *commands(stamps, repeat) {
      for (const [index, dispatches] of groups.entries()) {
        const encoder = device.createCommandEncoder();
        const edges = { begin: index === 0, end: index === groups.length - 1 };
        const stamped = edges.begin || edges.end ? { timestampWrites: stamps.at(repeat, edges) } : {};
        encodeDispatches(encoder.beginComputePass(stamped), order, dispatches);
        yield encoder.finish();
      }
    },
  };
}

/** Copies lie outside passes; empty passes before and after take the stamps. */
function repeatOfCopies(device: GPUDevice, launches: readonly Launch[]): Repeat {
  return {
    alone: false,
    launched: launches.length,
    *commands(stamps, repeat) {
      const encoder = device.createCommandEncoder();
      encoder.beginComputePass({ timestampWrites: stamps.at(repeat, { begin: true, end: false }) }).end();
      for (const { kernel, tensors } of launches) (kernel as HostCopy).encode(encoder, tensors);
      encoder.beginComputePass({ timestampWrites: stamps.at(repeat, { begin: false, end: true }) }).end();
      yield encoder.finish();
    },
  };
}

function encodeDispatches(
  pass: GPUComputePassEncoder,
  order: DispatchOrder,
  dispatches: readonly Dispatch[],
): void {
  pass.setBindGroup(1, order.group);
  for (const { pipeline, group, size } of dispatches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...size);
  }
  pass.end();
}

/** Runs some work and reports what the device found wrong with it. @throws OutOfMemory */
async function checked(device: GPUDevice, work: () => Promise<void>): Promise<void> {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  let failure: unknown;
  await work().catch((error) => {
    failure = error;
  });
  const invalid = await device.popErrorScope();
  const exhausted = await device.popErrorScope();
  if (exhausted) throw new ExhaustedAtWork(exhausted.message);
  if (invalid) throw new Error(`WebGPU: ${invalid.message}`);
  if (failure) throw failure;
}
