import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A task that a CPU compiles, checks and times in seconds, in a folder of its own, as a user would write it. */
export function writeTinyTask(folder: string): string {
  const task = join(folder, 'tiny-softmax');
  mkdirSync(task);
  writeFileSync(join(task, 'task.yaml'), taskText);
  writeFileSync(join(task, 'plain.cpp'), kernelText);
  return task;
}

const taskText = `name: tiny-softmax
title: Softmax of a few rows
operator: softmax
data_types: [fp32]
search:
  - shape: { rows: 60, n: 300 }
held_out:
  - shape: { rows: 37, n: 301 }
    kind: odd
`;

const kernelText = `#include <cmath>
#include <algorithm>
#include "launch.h"

#define DOUBLES 1 // @knob algorithm {0, 1} whether sums are formed in double precision
#define GRAIN 1 // @knob work-per-thread {1, 16} rows that a core takes at a time

namespace {
#if DOUBLES
using sum_t = double;
#else
using sum_t = float;
#endif

void softmax(const Launch& launch) {
  const int64_t rows = launch.axes[0], n = AXIS_n;
  const float* x = launch.tensor<float>(0);
  float* out = launch.tensor<float>(1);
  launch.each(rows, GRAIN, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const float* from = x + row * n;
      float* to = out + row * n;
      float most = -INFINITY;
      for (int64_t i = 0; i < n; i++) most = std::max(most, from[i]);
      sum_t sum = 0;
      for (int64_t i = 0; i < n; i++) sum += to[i] = std::exp(from[i] - most);
      for (int64_t i = 0; i < n; i++) to[i] = float(to[i] / sum);
    }
  });
}
const Register candidate("softmax/fp32/candidate", softmax);
}
`;
