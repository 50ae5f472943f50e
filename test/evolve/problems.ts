import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { PythonDevice } from '../../harness/devices/python/device.ts';
import { workerCommand } from '../../harness/devices/python/interpreter.ts';
import { pythonBackend } from '../../harness/devices/python/python-backend.ts';
import type { Problem } from '../../harness/problem.ts';

/** Devices of the Python at hand; none where there is no Python. */
export async function pythonDevices(): Promise<string[]> {
  if (spawnSync(workerCommand().interpreter, ['--version']).status !== 0) return [];
  return (await pythonBackend.find()).devices;
}

export async function onPython(name: string, body: (device: PythonDevice) => Promise<void>): Promise<void> {
  const { devices } = await pythonBackend.find();
  const device = (await pythonBackend.open(devices.indexOf(name))) as PythonDevice;
  try {
    await body(device);
  } finally {
    await device.close();
  }
}

/** A scaled sum of two matrices, row sums beside it: small, with a weight, an integer input and two outputs. */
export const stubProblem = `
import torch
import torch.nn as nn


class Model(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.scale = nn.Parameter(torch.randn(width))

    def forward(self, x, rows, factor):
        y = x[rows.long()] * self.scale * factor
        return y, y.sum(dim=1)


def get_inputs():
    return [torch.randn(6, 16), torch.randint(0, 6, (5,)), 2.0]


def get_init_inputs():
    return [16]
`;

interface Solution {
  imports?: string;
  /** Beside the kernel. */
  declarations?: string;
  making?: string;
  methods?: string;
  /** At the start and at the end of forward. */
  before?: string;
  after?: string;
  launch?: string;
}

/** A right solution of the stub problem in Triton, with what a candidate adds to it. */
export function solution({
  imports = '',
  declarations = '',
  making = 'self.scale = nn.Parameter(torch.randn(width))',
  methods = '',
  before = '',
  after = 'return y, sums',
  launch = 'scaled[(count,)](x, rows, self.scale, y, sums, factor, x.shape[1])',
}: Solution = {}): string {
  return `
import torch
import torch.nn as nn
import triton
import triton.language as tl
${imports}

@triton.jit
def scaled(x, rows, scale, y, sums, factor, WIDTH: tl.constexpr):
    place = tl.program_id(0)
    column = tl.arange(0, WIDTH)
    value = tl.load(x + tl.load(rows + place) * WIDTH + column) * tl.load(scale + column) * factor
    tl.store(y + place * WIDTH + column, value)
    tl.store(sums + place, tl.sum(value, axis=0))

${declarations}

class ModelNew(nn.Module):
    def __init__(self, width):
        super().__init__()
        ${making}
${methods}
    def forward(self, x, rows, factor):
        ${before}
        count = rows.shape[0]
        y = torch.empty((count, x.shape[1]), dtype=x.dtype, device=x.device)
        sums = torch.empty((count,), dtype=x.dtype, device=x.device)
        ${launch}
        ${after}
`;
}

export async function problemOn(
  device: PythonDevice,
  text: string,
  more: Partial<Problem> = {},
): Promise<Problem> {
  const facts = await device.describeProblem(text);
  return { key: createHash('sha256').update(text).digest('hex'), text, ...facts, ...more };
}
