// time-limit: 300 s
// PyTorch is imported and compiles in several processes, where it is installed.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { says, withChat } from '../evolve/chat-stub.ts';
import { pythonDevices, solution, stubProblem } from '../evolve/problems.ts';
import { program } from './program.ts';

const hasTorch = (await pythonDevices()).includes('CPU by torch');
const problems = suite('evolve: problems');

function withTorch(title: string, body: () => Promise<void>): void {
  if (hasTorch) problems(title, body);
  else {
    process.stdout.write(`skipped: ${title}: no PyTorch\n`);
    problems.skip(title, () => {});
  }
}

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built command beside what this process serves. */
function evolve(
  args: string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<Ended> {
  const { PATH = '', RANKFLEET_PYTHON = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [program, 'evolve', ...args], {
    cwd,
    env: { PATH, HOME, RANKFLEET_PYTHON, ...env },
  });
  const ended: Ended = { status: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ended.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    ended.stderr += text;
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ ...ended, status })));
}

async function inFolder(
  files: Record<string, string>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-problems-'));
  try {
    for (const part of ['problems', 'mine']) mkdirSync(join(folder, part));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const interpreted = { TRITON_INTERPRET: '1' };

const inCpp = (factor: string) => `
#include "launch.h"
namespace {
void solve(const Launch& launch) {
  constexpr int64_t width = AXIS_x_1;
  const float* x = launch.tensor<float>(0);
  const int32_t* rows = launch.tensor<int32_t>(1);
  const float* scale = launch.tensor<float>(2);
  float* out = launch.tensor<float>(3);
  float* sums = launch.tensor<float>(4);
  launch.each(AXIS_rows_0, 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      float sum = 0;
      for (int64_t column = 0; column < width; column++) {
        const float value = x[rows[row] * width + column] * scale[column] * ${factor};
        out[row * width + column] = value;
        sum += value;
      }
      sums[row] = sum;
    }
  });
}
const Register candidate("problem/fp32/candidate", solve);
}
`;

withTorch('are searched by a language model, which is shown the file', () =>
  inFolder({ 'problems/pick.py': stubProblem }, (folder) =>
    withChat(
      [inCpp('3.0f'), inCpp('2.0f')].map((text) => says(`Because.\n\`\`\`cpp\n${text}\n\`\`\``)),
      async (baseUrl, asked) => {
        const args = ['problems/pick.py', '--backend', 'cpu', '--cores', '1', '--agents', '1'];
        const more = ['--operator', 'llm', '--model', 'stub', '--steps', '2', '--drafts', '1'];
        const env = { OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: 'sk-0' };
        const { status, stdout, stderr } = await evolve([...args, ...more], { cwd: folder, env });
        assert.is(status, 0, stderr);
        assert.match(stdout, /pick/);
        const [, task] = asked[0].body.messages;
        assert.ok(task.content.includes(stubProblem.trim()));
        assert.match(task.content, /- rows: input, int32 \(int64 in PyTorch\), \[5\]/);
        assert.match(task.content, /- factor is always 2\.0/);
        // The second is asked to mend what was wrong with the first.
        assert.match(asked[1].body.messages[1].content, /wrong answer/);
        assert.ok(existsSync(join(folder, 'pick-search/deployment/session-1/dispatch.json')));
      },
    ),
  ),
);

withTorch('are searched from given kernels, whose knobs are turned', () => {
  const seed = `constexpr int UNROLL = 1; // @knob unroll {1, 2, 4} columns at once\n${inCpp('2.0f')}`;
  return inFolder({ 'problems/pick.py': stubProblem, 'mine/seed.cpp': seed }, async (folder) => {
    const args = ['problems/pick.py', '--seed-kernels', 'mine/seed.cpp', '--cores', '1', '--agents', '1'];
    const { status, stdout, stderr } = await evolve([...args, '--steps', '2', '--json'], { cwd: folder });
    assert.is(status, 0, stderr);
    const report = JSON.parse(stdout);
    assert.is(report.nodes.length, 2);
    assert.match(report.reference, /^torch/);
  });
});

withTorch('are checked and scored by the interpreter, missing and wrong ones counted', () =>
  inFolder(
    {
      'problems/1_right.py': stubProblem,
      'problems/2_wrong.py': stubProblem,
      'problems/10_missing.py': stubProblem,
      'mine/1_right.py': solution(),
      'mine/2_wrong.py': solution({ after: 'return y * 1.0, sums' }),
    },
    async (folder) => {
      const args = ['kernelbench', 'problems', '--solutions', 'mine'];
      const options = { cwd: folder, env: interpreted };
      const text = await evolve([...args, '--csv', 'scores.csv'], options);
      assert.is(text.status, 3, text.stderr);
      assert.match(text.stdout, /1_right +correct\n2_wrong +fails\n10_missing +missing/);
      assert.match(text.stdout, /2_wrong: cheat: vendor operator/);
      assert.match(text.stdout, /without times there is no fast_p/);
      assert.match(text.stdout, /1 of 3 problems are solved rightly; 1 have no solution/);
      const lines = readFileSync(join(folder, 'scores.csv'), 'utf8').trim().split('\n');
      assert.is(lines.length, 4);
      assert.match(lines[0], /^problem,solution,correct,kernel_s,eager_s,torch_compile_s/);
    },
  ),
);

withTorch('are scored with times against both baselines where PyTorch may compute', () => {
  const own = stubProblem.replace('class Model(', 'class ModelNew(').replace(/def get_inputs[\s\S]*/, '');
  return inFolder({ 'problems/pick.py': stubProblem, 'mine/pick.py': own }, async (folder) => {
    const args = [
      'kernelbench',
      'problems',
      '--solutions',
      'mine',
      '--allow-torch',
      '--p',
      '0,1000',
      '--json',
    ];
    const { status, stdout, stderr } = await evolve(args, { cwd: folder });
    assert.is(status, 0, stderr);
    const { problems: results, scores } = JSON.parse(stdout);
    assert.ok(results[0].isCorrect);
    assert.match(results[0].notes.join(), /computes by PyTorch: .*aten::mul/);
    for (const time of ['kernelS', 'eagerS']) assert.ok(results[0][time] > 0, time);
    assert.equal(scores[0].eager.fast, [
      { p: 0, share: 1 },
      { p: 1000, share: 0 },
    ]);
  });
});

withTorch('that cannot be judged by are bad input, with the file and what it lacks', () =>
  inFolder({ 'problems/none.py': 'import torch\n', 'mine/none.py': solution() }, async (folder) => {
    const shown = await evolve(['show', 'problems/none.py'], { cwd: folder });
    assert.is(shown.status, 2);
    assert.match(shown.stderr, /^problems\/none\.py: has no class Model\(nn\.Module\)/);
    const scored = await evolve(['kernelbench', 'problems', '--solutions', 'mine'], { cwd: folder });
    assert.is(scored.status, 2);
    assert.match(scored.stderr, /problems\/none\.py: has no class Model/);
    const searched = await evolve(['problems/none.py', '--backend', 'cpu'], { cwd: folder });
    assert.is(searched.status, 2);
  }),
);

withTorch('without a kernel to begin with say what would do', () =>
  inFolder({ 'problems/pick.py': stubProblem }, async (folder) => {
    const { status, stderr } = await evolve(['problems/pick.py', '--backend', 'cpu'], { cwd: folder });
    assert.is(status, 2);
    assert.match(
      stderr,
      /no kernels of \w+ for fp32 in cpp to begin with: name some with --seed-kernels FILE/,
    );
  }),
);

problems('without PyTorch say what was looked for', async () => {
  await inFolder({ 'problems/pick.py': stubProblem }, async (folder) => {
    const env = { RANKFLEET_PYTHON: join(folder, 'no-such-python') };
    const { status, stderr } = await evolve(['show', 'problems/pick.py'], { cwd: folder, env });
    assert.is(status, 1);
    assert.match(stderr, /no-such-python/);
  });
});

problems.run();
