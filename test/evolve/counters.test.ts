// time-limit: 120 s
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Artifact } from '../../evolve/artifact.ts';
import { countersInWords, stallsOf } from '../../evolve/counters.ts';
import { kernelNames } from '../../evolve/evaluation/counters/count.ts';
import { readCounters } from '../../evolve/evaluation/counters/read-counters.ts';
import { EvaluatorPool } from '../../evolve/evaluation/evaluator-pool.ts';
import type { Evaluation } from '../../evolve/evaluation.ts';
import type { KernelTask } from '../../evolve/kernel-task.ts';
import { buildStub, hasCompiler } from '../harness/gpu-stub/build.ts';

const dram = 'dram__throughput.avg.pct_of_peak_sustained_elapsed';
const hits = 'lts__t_sector_hit_rate.pct';
const memoryStall = 'smsp__average_warps_issue_stalled_long_scoreboard_per_issue_active.ratio';
const barrierStall = 'smsp__average_warps_issue_stalled_barrier_per_issue_active.ratio';

/** What the profiler prints of two kernels, the second of which takes three times as long. */
const printed = `==PROF== Connected to process 489 (/usr/bin/node)
ran
==PROF== Disconnected from process 489
"ID","Process ID","Kernel Name","launch__grid_size","${dram}","${hits}","gpu__time_duration.sum","${memoryStall}","${barrierStall}"
"","","","","%","%","ns","inst","inst"
"0","489","first, of two","1,056","20.00","100.16","1,000","4.00","0.50"
"1","489","second","1,056","60.00","100.16","3,000","8.00","n/a"
==WARNING== some warning
`;

const reading = suite('hardware counters: reading');

reading(
  'kernels count by their time, percents are shares of 1 at most, and what is no number is left out',
  () => {
    const counters = readCounters(printed)!;
    assert.ok(Math.abs(counters[dram] - 0.5) < 1e-12);
    assert.is(counters[hits], 1);
    assert.is(counters[memoryStall], 7);
    assert.is(counters[barrierStall], 0.5);
    assert.equal(Object.keys(counters).sort(), [barrierStall, dram, hits, memoryStall].sort());
  },
);

reading('nothing of a program that ran no kernel', () => {
  assert.is(readCounters('==PROF== Connected\n==WARNING== No kernels were profiled.\n'), undefined);
  assert.is(readCounters(''), undefined);
});

reading('says what warps wait for, the most first', () => {
  const counters = readCounters(printed)!;
  assert.equal(
    stallsOf(counters).map(({ reason }) => reason),
    ['long_scoreboard', 'barrier'],
  );
  assert.is(
    countersInWords(counters),
    'device memory 50.0 %, hits in L2 100 %; for each instruction that is issued 7.00 warps wait for global memory, 0.500 for a barrier',
  );
});

reading('knows kernels by the names that sources launch them by', () => {
  const cuda = '// @launch sums grid(1) block(32) args(x)\n// @launch scale grid(1) block(32) args(x)\n';
  assert.equal(kernelNames({ language: 'cuda', text: cuda }), ['sums', 'scale']);
  const triton = '@triton.jit\ndef rows(x):\n  pass\n\n@triton.jit(debug=False)\ndef more(x):\n  pass\n';
  assert.equal(kernelNames({ language: 'triton', text: triton }), ['rows', 'more']);
});

reading.run();

const counting = suite('hardware counters: counting');

const copy: Artifact = {
  language: 'cuda',
  text: `// @launch copyWords grid(ceil_div(rows * width, 128)) block(128) args(x, out, rows * width)
extern "C" __global__ void copyWords(const float* x, float* out, int n) {
  const int i = blockIdx.x * 128 + threadIdx.x;
  if (i < n) out[i] = x[i];
}
`,
};
const shape = { rows: 50, inputs: 1, width: 64 };
const task: KernelTask = {
  name: 'concat',
  title: 'concat',
  source: 'a test',
  operator: 'concat',
  dataTypes: ['fp32'],
  search: [{ shape }],
  heldOut: [],
};

/** Evaluates with a stand-in for the profiler first on PATH. */
async function evaluatedWith(
  stub: string,
  withinS: number,
): Promise<{ evaluation: Evaluation; asked: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-ncu-'));
  const before = { path: process.env.PATH, libraries: process.env.RANKFLEET_CUDA_LIBRARIES };
  const asked = join(folder, 'asked');
  writeFileSync(join(folder, 'ncu'), `#!/bin/sh\necho "$@" > '${asked}'\n${stub}`);
  chmodSync(join(folder, 'ncu'), 0o755);
  process.env.PATH = `${folder}:${before.path}`;
  process.env.RANKFLEET_CUDA_LIBRARIES = buildStub('cuda');
  const devices = [{ backend: 'cuda', index: 0 } as const];
  const pool = new EvaluatorPool({ devices, usesPython: false, baseline: copy });
  try {
    const { signal } = new AbortController();
    const request = { task, dataType: 'fp32', signal, countersWithinS: withinS } as const;
    const evaluation = await pool.evaluate(copy, request);
    return { evaluation, asked: readFileSync(asked, 'utf8') };
  } finally {
    await pool.close();
    process.env.PATH = before.path;
    if (before.libraries === undefined) delete process.env.RANKFLEET_CUDA_LIBRARIES;
    else process.env.RANKFLEET_CUDA_LIBRARIES = before.libraries;
    rmSync(folder, { recursive: true });
  }
}

/** Runs what it is to profile, and prints after it. */
const good = `while [ "\${1#/}" = "$1" ]; do shift; done
"$@" || exit 9
cat <<'END'
${printed}END
`;

if (!hasCompiler) console.log('SKIPPED: counting needs a C compiler for a stand-in of the driver');
const onCuda = hasCompiler ? counting : counting.skip;

onCuda('of a right kernel, in a run of its own while the device is held', async () => {
  const { evaluation, asked } = await evaluatedWith(good, 30);
  const { failure, uncounted, resources, spentS, deviceHeldS } = evaluation;
  assert.equal([failure, uncounted], [undefined, undefined]);
  assert.equal(resources?.counters, readCounters(printed));
  assert.equal(resources?.countedOn, shape);
  assert.is(resources?.registers, 40);
  assert.ok(spentS.counters > 0 && spentS.counters < deviceHeldS);
  assert.match(asked, /--clock-control none/);
  assert.match(asked, /--kernel-name regex:\^\(copyWords\)\$ /);
});

onCuda('says in a line why there are none, and nothing else changes', async () => {
  const refusals = [
    ['echo "==ERROR== ERR_NVGPUCTRPERM - The user does not have permission"; exit 1', 'ERR_NVGPUCTRPERM'],
    ['echo "==ERROR== Failed to find metric x"; exit 1', 'Failed to find metric x'],
    ['exit 3', 'ended with code 3'],
    ['echo "==WARNING== No kernels were profiled."', 'counted no kernel'],
    ['sleep 60', 'did not end within 1 s'],
  ];
  for (const [stub, why] of refusals) {
    const { evaluation } = await evaluatedWith(stub, 1);
    assert.is(evaluation.failure, undefined);
    assert.ok(evaluation.uncounted?.includes(why), `${why}: ${evaluation.uncounted}`);
    assert.is(evaluation.resources?.counters, undefined);
    assert.ok(Math.abs(evaluation.score - 1) < 1e-6);
    assert.ok(evaluation.spentS.counters < 20);
  }
});

counting.run();
