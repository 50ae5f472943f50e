import type { ComputeDevice, Memory } from '../../device.ts';
import { hashedValue } from '../../patterns.ts';
import { cudaBackend } from './cuda-backend.ts';

/**
 * Goes through what the CUDA backend needs, one step after another, and tells each outcome in a line: libraries, device,
 * memory, a compiled kernel against its reference, a matrix product, timing by graph, clocks. Never throws.
 */
export async function probeCuda(index = 0): Promise<string[]> {
  const lines: string[] = [];
  const found = await cudaBackend.find();
  lines.push(...found.looked, ...found.devices.map((name, i) => `device ${i}: ${name}`));
  const device = await step(lines, 'open', () => cudaBackend.open(index));
  if (device === undefined) return lines;
  await step(lines, 'describe', () => device.describe(), JSON.stringify);
  await step(lines, 'clocks', () => device.clocks(), JSON.stringify);
  await step(
    lines,
    'memory and fill',
    () => probeFill(device),
    (worst) => `largest difference ${worst}`,
  );
  for (const dataType of ['fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8'] as const) {
    const shape = { m: 256, n: 512, k: 1024 };
    await step(
      lines,
      `gemm ${dataType} 256 × 512 × 1024`,
      async () => {
        const [implementation] = device.implementations('gemm', dataType);
        if (implementation === undefined) throw new Error('no implementation');
        const kernel = await device.compile({ operator: 'gemm', dataType, shape, implementation });
        return withMemories(device, [4 * 256 * 1024, 4 * 512 * 1024, 4 * 256 * 512], async (tensors) => {
          for (const tensor of tensors) await device.fill(tensor, { kind: 'word', word: 0 });
          await device.run({ kernel, tensors });
          return device.time([{ kernel, tensors }], { warmUp: 2, repeats: 5 });
        });
      },
      (seconds) => `${(1e6 * Math.min(...(seconds as Float64Array))).toFixed(2)} µs on zeros`,
    );
  }
  await step(lines, 'close', () => device.close());
  return lines;
}

/** Largest difference of a hashed tensor's values from the reference: 0. */
async function probeFill(device: ComputeDevice): Promise<number> {
  const length = 4099;
  return withMemories(device, [4 * length], async ([memory]) => {
    await device.fill(memory, { kind: 'hashed', element: 'f32', seed: 7, rowLength: 1 });
    const bytes = await device.read(memory, 0, 4 * length);
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, length);
    return Math.max(...values.map((value, i) => Math.abs(value - hashedValue('f32', i, 7))));
  });
}

async function withMemories<Result>(
  device: ComputeDevice,
  sizes: readonly number[],
  use: (memories: Memory[]) => Promise<Result>,
): Promise<Result> {
  const memories: Memory[] = [];
  try {
    for (const bytes of sizes) memories.push(await device.allocate(bytes));
    return await use(memories);
  } finally {
    for (const memory of memories) await device.free(memory);
  }
}

async function step<Result>(
  lines: string[],
  name: string,
  act: () => Promise<Result>,
  tell?: (result: Result) => string,
): Promise<Result | undefined> {
  try {
    const result = await act();
    lines.push(tell ? `${name}: ${tell(result)}` : `${name}: ok`);
    return result;
  } catch (error) {
    lines.push(`${name}: ${(error as Error).message}`);
    return undefined;
  }
}
