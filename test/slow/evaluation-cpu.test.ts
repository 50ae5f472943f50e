// time-limit: 240 s
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Artifact } from '../../evolve/artifact.ts';
import { EvaluatorPool } from '../../evolve/evaluation/evaluator-pool.ts';
import type { Evaluation, FailureStage } from '../../evolve/evaluation.ts';
import { fixedMemory } from '../../evolve/memory.ts';
import type { Operator } from '../../evolve/operator.ts';
import { policyOf } from '../../evolve/policies/by-name.ts';
import { runSearch } from '../../evolve/search.ts';
import type { SearchSetup } from '../../evolve/search-setup.ts';
import { packageRoot } from '../../foundation/files.ts';
import { findCompiler } from '../../harness/devices/cpu/compiler.ts';
import { loadKoffi } from '../../harness/devices/gpu-shared/native-libraries.ts';
import { cppSoftmax, softmaxTask } from '../evolve/candidates.ts';
import { inStore } from '../evolve/searches.ts';

const looked: string[] = [];
const hasTools = ((await loadKoffi(looked)) && (await findCompiler(looked))) !== undefined;
if (!hasTools)
  console.log(`SKIPPED: evaluation on the CPU needs koffi and a C++ compiler\n  ${looked.join('\n  ')}`);

const cpu = suite('evaluation on a CPU');
const pool = new EvaluatorPool({
  devices: [{ backend: 'cpu', index: 0, cores: 1 }],
  workersPerDevice: 2,
  usesPython: false,
  limits: { check: 4 },
});
const { signal } = new AbortController();
const request = { task: softmaxTask, dataType: 'fp32', signal } as const;

const endlessLoop = 'for (volatile int i = 0;; i = i + 1) {}';

/** Begun together, and looked at one after the other: one is compiled while another is checked. */
const begun = new Map<string, Promise<Evaluation>>();

function candidate(
  name: string,
  artifact: Artifact,
  look: (evaluation: Evaluation) => void,
  { isFinal = false } = {},
): void {
  if (!hasTools) {
    cpu.skip(`${name}: no C++ compiler`, () => {});
    return;
  }
  begun.set(name, pool.evaluate(artifact, { ...request, isFinal }));
  cpu(name, async () => look(await begun.get(name)!));
}

/** A candidate that is to fail. */
function failing(
  name: string,
  artifact: Artifact,
  stage: FailureStage,
  reason: RegExp,
  { isFinal = false } = {},
): void {
  const look = ({ failure, score }: Evaluation) => {
    assert.ok(failure, 'it passed');
    assert.match(failure.reason, reason, failure.reason);
    assert.is(failure.stage, stage, failure.reason);
    assert.is(score, 0);
    assert.not.match(failure.signature, /\d{2}|0x|\/tmp/);
  };
  candidate(name, artifact, look, { isFinal });
}

cpu.after(() => pool.close());

candidate('gives times of a right kernel against the best that there is', cppSoftmax(), (evaluation) => {
  assert.is(evaluation.failure, undefined, evaluation.failure?.reason);
  assert.match(evaluation.reference, /^(rankfleet|mkl|openblas)/);
  const [timing] = evaluation.timings;
  assert.equal(timing.shape, softmaxTask.search[0].shape);
  assert.ok(timing.speedup.low <= timing.speedup.mean && timing.speedup.mean <= timing.speedup.high);
  assert.ok(Math.abs(evaluation.score / timing.speedup.mean - 1) < 1e-9);
  assert.ok(timing.error > 0 && timing.error <= timing.tolerance, `${timing.error}`);
  assert.ok(timing.speedOfLight > 0 && timing.achievedBytesPerS > 0 && timing.achievedFlopPerS > 0);
  assert.ok(evaluation.resources!.codeBytes! > 100);
  for (const stage of ['compile', 'check', 'reference', 'time'])
    assert.ok(evaluation.spentS[stage] > 0, stage);
  const deviceS = evaluation.spentS.check + evaluation.spentS.reference + evaluation.spentS.time;
  assert.ok(evaluation.deviceHeldS >= deviceS && evaluation.deviceHeldS < deviceS + 2);
});

candidate(
  'judges it in the end on shapes that the search has not seen',
  cppSoftmax(),
  ({ timings, failure, score }) => {
    assert.is(failure, undefined, failure?.reason);
    assert.equal(
      timings.map(({ shape, isHeldOut }) => [shape.n, isHeldOut ?? false]),
      [
        [300, false],
        [301, true],
      ],
    );
    assert.ok(score > 0);
  },
  { isFinal: true },
);

failing(
  'finds what is right on the shapes of the search alone',
  cppSoftmax({ after: 'if (n != 300) out[0] = 0.5f;' }),
  'over-fitted',
  /not seen: wrong answer/,
  { isFinal: true },
);

failing(
  'reports what the compiler says',
  cppSoftmax({ before: 'int y = undeclared;' }),
  'compile',
  /'undeclared' was not declared/,
);

failing(
  'refuses a knob at a value that it may not take',
  cppSoftmax({ declarations: '#define GRAIN 3 // @knob tiling {1, 2, 4} rows' }),
  'source',
  /GRAIN is 3, which is none of its values/,
);

failing(
  'ends a kernel that never ends',
  cppSoftmax({ body: endlessLoop }),
  'timeout',
  /did not end within 4 s while it was checked/,
);

failing(
  'outlives a kernel that crashes',
  cppSoftmax({ before: '*(volatile int*)8 = 1;' }),
  'run',
  /ended by SIGSEGV while it was checked/,
);

failing('outlives a kernel that aborts', cppSoftmax({ before: 'abort();' }), 'run', /ended by SIGABRT/);

failing(
  'outlives a kernel that asks for too much memory',
  cppSoftmax({ before: 'std::vector<char> all(size_t(1) << 50);' }),
  'run',
  /bad_alloc/,
);

failing(
  'finds answers that are not written',
  cppSoftmax({ after: 'memset(out, 0xff, 4);' }),
  'wrong answer',
  /out\[0\] was not written/,
);

failing(
  'finds a constant answer',
  cppSoftmax({ body: 'for (int64_t i = 0; i < rows * n; i++) out[i] = 1.0f / n;' }),
  'wrong answer',
  /should be/,
);

failing(
  'finds what is written past the end of an answer',
  cppSoftmax({ after: 'out[rows * n] = 0;' }),
  'wrong answer',
  /^on usual inputs: writes past the end of out$/,
);

failing(
  'finds what is written before the start of an input',
  cppSoftmax({ after: 'const_cast<float*>(x)[-1] = 0;' }),
  'wrong answer',
  /^on usual inputs: writes before the start of x$/,
);

failing(
  'finds a changed input',
  cppSoftmax({ after: 'const_cast<float*>(x)[rows * n - 1] = 0;' }),
  'wrong answer',
  /^on usual inputs: x\[17999\] was changed from -?0\.\d{1,8} to 0, although x is an input$/,
);

failing(
  'finds arithmetic of half precision without a type of it',
  cppSoftmax({
    after:
      'for (int64_t i = 0; i < rows * n; i++) { uint32_t w; memcpy(&w, out + i, 4); w &= 0xfffff000; memcpy(out + i, &w, 4); }',
  }),
  'wrong answer',
  /relative error/,
);

failing(
  'finds answers kept by address',
  cppSoftmax({ before: 'static const float* seen; if (seen == out) return; seen = out;' }),
  'wrong answer',
  /other inputs at the same addresses/,
);

failing(
  'finds a kernel that stops working once it has been checked',
  cppSoftmax({ before: 'static int launches; if (++launches > 20) return;' }),
  'cheat',
  /right before it was timed, and wrong afterwards/,
);

failing(
  'finds a kernel that skips what it has done before',
  cppSoftmax({
    before: `
      float most = -INFINITY;
      for (int64_t i = 0; i < n; i++) most = std::max(most, x[i]);
      double sum = 0;
      for (int64_t i = 0; i < n; i++) sum += std::exp(x[i] - most);
      if (std::fabs(out[0] - std::exp(x[0] - most) / sum) < 1e-6) return;`,
  }),
  'cheat',
  /skips work that seems to be done/,
);

failing(
  'refuses threads beside those of the device',
  cppSoftmax({ before: 'static Pool own({0});' }),
  'cheat',
  /foreign functions: the source uses _ZN4PoolC/,
);

failing(
  'refuses libraries of others',
  cppSoftmax({
    declarations: 'extern "C" void* dlopen(const char*, int);',
    before: 'dlopen("libmkl_rt.so", 1);',
  }),
  'cheat',
  /foreign functions: the source uses dlopen/,
);

failing(
  'refuses files',
  cppSoftmax({
    declarations: 'extern "C" int open(const char*, int, ...);',
    before: 'open("/etc/passwd", 0);',
  }),
  'cheat',
  /the source uses open/,
);

if (hasTools) {
  cpu('goes on after all of them, and starts as many processes as it has to', async () => {
    await Promise.allSettled(begun.values());
    const { starts, evaluations, heldS, utilisation } = pool.statistics();
    // Two workers at first, and one for each that was brought down: by hanging, crashing and aborting.
    assert.is(starts, 5);
    assert.ok(evaluations >= 12 && evaluations <= begun.size, `${evaluations}`);
    assert.ok(heldS > 0 && utilisation > 0 && utilisation <= 1);
  });

  cpu('serves a search, which keeps what it found of every kernel', async () => {
    const text = (slow: number) =>
      cppSoftmax({ before: `for (volatile int i = 0; i < ${slow}; i = i + 1) {}` });
    const sources = [text(200_000), cppSoftmax({ before: 'int y = undeclared;' }), text(0)];
    let next = 0;
    const operator: Operator = {
      name: 'listed',
      transform: async () => ({ artifact: sources[next++ % 3], rationale: 'the next' }),
    };
    const [device] = pool.evaluators;
    const setup: SearchSetup = {
      task: softmaxTask,
      dataType: 'fp32',
      language: 'cpp',
      device: await device.describe(),
      policy: policyOf('greedy'),
      operator,
      memory: fixedMemory('parent'),
      seed: 1,
      evaluators: pool.evaluators,
      agents: 2,
      limits: { artifacts: 8 },
    };
    await inStore(async (store) => {
      const { best, nodes } = await runSearch(store, setup);
      assert.is(nodes, 8);
      const { artifact, evaluation } = store.attempt(best!.id);
      assert.is(artifact.text, sources[2].text);
      assert.is(evaluation.timings.length, 1);
      assert.is(evaluation.score, best!.score);
    });
  });

  cpu('ends at once when nobody waits any more', async () => {
    const controller = new AbortController();
    const evaluation = pool.evaluate(cppSoftmax(), { ...request, signal: controller.signal });
    controller.abort(new Error('enough'));
    try {
      await evaluation;
      assert.unreachable();
    } catch (error) {
      assert.is((error as Error).message, 'enough');
    }
  });

  cpu('leaves no process behind when it is killed itself', async () => {
    if (process.platform !== 'linux') return;
    const program = `
      const { EvaluatorPool } = await import(${JSON.stringify(join(packageRoot, 'dist/evolve/evaluation/evaluator-pool.js'))});
      const pool = new EvaluatorPool({ devices: [{ backend: 'cpu', index: 0, cores: 1 }], usesPython: false });
      const { artifact, request } = JSON.parse(process.argv[1]);
      await pool.evaluators[0].describe();
      pool.evaluate(artifact, { ...request, signal: new AbortController().signal });
      console.log('begun');`;
    const endless = {
      artifact: cppSoftmax({ body: endlessLoop }),
      request: { task: softmaxTask, dataType: 'fp32' },
    };
    const search = spawn(process.execPath, ['--input-type=module', '-e', program, JSON.stringify(endless)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(search.stdout, 'data');
    const children = readFileSync(`/proc/${search.pid}/task/${search.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .map(Number);
    assert.ok(children.length > 0 && children.every(isAlive), `${children}`);
    // Until it is in the kernel, from which nothing but a signal brings it back.
    await setTimeout(4000);
    search.kill('SIGKILL');
    for (let turn = 0; turn < 50 && children.some(isAlive); turn++) await setTimeout(100);
    assert.not(children.some(isAlive));
  });
}

/** Whether a process still runs: one that nobody has asked after is none. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

cpu.run();
