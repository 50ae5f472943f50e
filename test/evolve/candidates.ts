import type { Artifact } from '../../evolve/artifact.ts';
import type { KernelTask } from '../../evolve/kernel-task.ts';
import type { Shape } from '../../hardware-profiles/operators-measured.ts';

/** Softmax of rows: small enough to be checked in no time, and easy to get wrong. */
export const softmaxTask: KernelTask = task([{ rows: 60, n: 300 }], [{ rows: 37, n: 301 }]);

export function task(search: readonly Shape[], heldOut: readonly Shape[] = []): KernelTask {
  return {
    name: 'softmax',
    title: 'Softmax of rows',
    source: 'a test',
    operator: 'softmax',
    dataTypes: ['fp32'],
    search: search.map((shape) => ({ shape })),
    heldOut: heldOut.map((shape) => ({ shape })),
  };
}

interface Cpp {
  /** Before the kernel. */
  declarations?: string;
  /** At the start of the kernel's body. */
  before?: string;
  /** In place of softmax's own loop over rows. */
  body?: string;
  after?: string;
}

/** A right kernel in C++, with what a candidate adds to it. */
export function cppSoftmax({
  declarations = '',
  before = '',
  body = rowsBody,
  after = '',
}: Cpp = {}): Artifact {
  return {
    language: 'cpp',
    text: `
#include <cmath>
#include <cstring>
#include "launch.h"
${declarations}
namespace {
void softmax(const Launch& launch) {
  const int64_t rows = launch.axes[0], n = AXIS_n;
  const float* x = launch.tensor<float>(0);
  float* out = launch.tensor<float>(1);
  ${before}
  ${body}
  ${after}
}
const Register candidate("softmax/fp32/candidate", softmax);
}
`,
  };
}

const rowsBody = `
  launch.each(rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const float* from = x + row * n;
      float* to = out + row * n;
      float most = -INFINITY;
      for (int64_t i = 0; i < n; i++) most = std::max(most, from[i]);
      double sum = 0;
      for (int64_t i = 0; i < n; i++) sum += to[i] = std::exp(from[i] - most);
      for (int64_t i = 0; i < n; i++) to[i] = float(to[i] / sum);
    }
  });`;
