// time-limit: 300 s
// Importing PyTorch takes a while, where it is installed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type Test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkShape } from '../../evolve/evaluation/check-shape.ts';
import { CandidateFailed } from '../../evolve/evaluation/failed.ts';
import { ProblemReader } from '../../evolve/tasks/problem-file.ts';
import { InputError } from '../../foundation/problem.ts';
import { RandomStream } from '../../foundation/random.ts';
import { ProblemRefused, type Program, SourceRefused } from '../../harness/device.ts';
import type { PythonDevice } from '../../harness/devices/python/device.ts';
import { LiveProblem, problemTolerance } from '../../harness/problem.ts';
import { verify } from '../../harness/verify.ts';
import { failure } from '../failure.ts';
import { onPython, problemOn, pythonDevices, solution, stubProblem } from './problems.ts';

// Kernels in Triton are run by its interpreter here.
process.env.TRITON_INTERPRET = '1';

const devices = await pythonDevices();
const torch = 'CPU by torch';
const interpreter = "CPU by Triton's interpreter";

/** Adds a test that is left out, aloud, where the device is not there. */
function on(test: Test, device: string, title: string, body: (device: PythonDevice) => Promise<void>): void {
  if (devices.includes(device)) test(title, () => onPython(device, body));
  else {
    process.stdout.write(`skipped: ${title}: no ${device}\n`);
    test.skip(title, () => {});
  }
}

const files = suite('problems: files');

on(files, torch, 'are told by their tensors, in the order in which kernels take them', async (device) => {
  const problem = await problemOn(device, stubProblem);
  assert.equal(
    problem.tensors.map(({ name, part, kind, dims }) => [name, part, kind, dims.join('x')]),
    [
      ['x', 'input', 'float', '6x16'],
      ['rows', 'input', 'integer', '5'],
      ['scale', 'parameter', 'float', '16'],
      ['out', 'output', 'float', '5x16'],
      ['out1', 'output', 'float', '5'],
    ],
  );
  assert.equal(problem.constants, [{ name: 'factor', value: '2.0' }]);
  assert.is(problem.precision, 'float64');
  assert.is(problem.dataTypes[0], 'fp32');
  assert.is(problemTolerance(problem, 'fp32'), 1e-4);
});

on(files, torch, 'that hang or end their process are refused, and the next one is read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-problems-'));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const reader = new ProblemReader();
  const hasty = new ProblemReader(0.2);
  try {
    const ends = await failure(reader.read(write('ends.py', `import os\nos._exit(3)\n${stubProblem}`)));
    assert.instance(ends, InputError);
    assert.match(ends.message, /ends\.py: cannot be run: .*exited with code 3/);
    assert.is((await reader.read(write('stub.py', stubProblem))).name, 'stub');
    const hangs = await failure(hasty.read(write('hangs.py', `while True: pass\n${stubProblem}`)));
    assert.match(hangs.message, /hangs\.py: did not run within 0\.2 s/);
  } finally {
    await reader.close();
    await hasty.close();
    rmSync(folder, { recursive: true });
  }
});

const edits: [what: string, from: string, to: string, says: RegExp][] = [
  ['no model', 'class Model(', 'class Other(', /no class Model\(nn\.Module\)/],
  ['no inputs', 'def get_inputs', 'def other_inputs', /no function get_inputs\(\)/],
  ['inputs that are no list', 'return [torch.randn(6, 16)', 'return 3 #', /get_inputs\(\) gives an int/],
  ['an input of another kind', ', 2.0]', ', {}]', /argument 2 of get_inputs\(\) is a dict/],
  [
    'a forward that fails',
    'factor\n',
    'factor + torch.ones(3)\n',
    /Model\.forward raises RuntimeError: .* \(line 12\)/,
  ],
  ['a constructor that fails', 'return [16]', 'return []', /Model\(\*get_init_inputs\(\)\) raises TypeError/],
  [
    'no tensors in the output',
    'return y, y.sum(dim=1)',
    'return y, 3',
    /output 1 of Model\.forward is an int/,
  ],
  ['chance', 'return y, y', 'y = y * torch.rand(16)\n        return y, y', /is not deterministic/],
  ['what is not finite', 'return y, y', 'y = y / 0\n        return y, y', /not finite everywhere/],
  ['what is no Python', 'import torch.nn as nn', 'import torch.nn as', /is no Python: .* \(line 3\)/],
  [
    'an import that fails',
    'import torch.nn as nn',
    'import no_such_module',
    /cannot be loaded: ModuleNotFoundError/,
  ],
];

on(files, torch, 'are refused with what they lack', async (device) => {
  for (const [what, from, to, says] of edits) {
    const text = stubProblem.replace(from, to);
    assert.is.not(text, stubProblem, what);
    const error = await failure(device.describeProblem(text));
    assert.instance(error, ProblemRefused, what);
    assert.match(error.message, says, what);
  }
});

on(files, torch, 'are answered in float64 from the inputs of a seed, the same each time', async (device) => {
  const problem = await problemOn(device, stubProblem);
  const at = (tensor: string, seed: number) => ({ problem, dataType: 'fp32' as const, tensor, seed });
  const bytes = async (seed: number) => Buffer.from(await device.input(at('x', seed), 0, 4 * 96));
  assert.equal(await bytes(7), await bytes(7));
  assert.not.equal(await bytes(7), await bytes(8));
  const all = await device.answers(at('out', 7));
  assert.equal(await device.answers(at('out', 7), [3, 70]), Float64Array.of(all[3], all[70]));
  const sums = await device.answers(at('out1', 7));
  const first = all.slice(0, 16).reduce((sum, each) => sum + each, 0);
  assert.ok(Math.abs(sums[0] - first) < 1e-12);
});

on(files, torch, 'are computed rightly by their own model, as it is and compiled', async (device) => {
  const live = new LiveProblem(await problemOn(device, stubProblem), device);
  for (const dataType of ['fp32', 'bf16'] as const) {
    const program = { operator: 'problem', problem: live, dataType, shape: {} } as const;
    const kernel = await device.compile({ ...program, implementation: 'torch-eager' });
    const verdict = await verify(device, kernel);
    assert.ok(verdict.ok, verdict.reason);
  }
});

files.run();

const models = suite('problems: ModelNew');

/** What a check of a solution says: nothing where it is right. */
async function checked(device: PythonDevice, text: string, allowsTorch = false): Promise<string> {
  const live = new LiveProblem(await problemOn(device, stubProblem, { allowsTorch }), device);
  const program: Program = {
    operator: 'problem',
    problem: live,
    dataType: 'fp32',
    shape: {},
    implementation: 'candidate',
    source: { text },
  };
  try {
    const kernel = await device.compile(program);
    await checkShape(device, kernel, new RandomStream(3));
    return kernel.computesBy ? `computes by ${kernel.computesBy}` : '';
  } catch (error) {
    if (error instanceof SourceRefused) return `${error.rule}: ${error.message}`;
    if (error instanceof CandidateFailed) return `${error.stage}: ${error.message}`;
    return (error as Error).message;
  }
}

on(models, interpreter, 'is right by kernels of Triton', async (device) => {
  assert.is(await checked(device, solution()), '');
});

on(models, interpreter, 'is right by launch(tensors, axes), too', async (device) => {
  const launch = `
def launch(tensors, axes):
    x, rows, scale = tensors["x"], tensors["rows"], tensors["scale"]
    scaled[(rows.shape[0],)](x, rows, scale, tensors["out"], tensors["out1"], 2.0, x.shape[1])
`;
  const text = solution()
    .replace(/class ModelNew[\s\S]*/, launch)
    .replace('import torch.nn as nn\n', '');
  assert.is(await checked(device, text), '');
});

const tricks: [what: string, text: string, says: RegExp][] = [
  ['a wrong answer', solution({ launch: solutionLaunch('1.5 * factor') }), /wrong answer: .*out1?\[/],
  [
    'a vendor operator',
    solution({ after: 'return y, torch.sum(y, dim=1)' }),
    /vendor operator: .*torch\.sum/,
  ],
  ['functional', solution({ after: 'return torch.nn.functional.relu(y), sums' }), /vendor operator/],
  [
    'a layer',
    solution({
      making: scaleAnd('self.layer = nn.Linear(16, 16)'),
      after: 'return self.layer(y), sums',
    }),
    /vendor operator: .*aten::/,
  ],
  ['a method', solution({ after: 'return y.mul(1.0), sums' }), /vendor operator: .*\.mul\(\)/],
  ['an operator', solution({ after: 'return y * 1.0, sums' }), /vendor operator: .*aten::mul/],
  ['@', solution({ after: 'return y @ y, sums' }), /vendor operator: .*by @/],
  ['no kernel', solution({ launch: 'pass' }), /no kernel: /],
  [
    'a fallback',
    solution({ before: 'try:\n            pass\n        except Exception:\n            pass' }),
    /fallback/,
  ],
  ['a patched timer', solution({ declarations: 'torch.cuda.Event = None' }), /patched functions/],
  ['kept answers', solution({ before: 'self.kept = x' }), /patched functions: .*sets kept/],
  [
    'kept in a dict',
    solution({ declarations: 'kept = {}', after: 'kept.setdefault(0, (y, sums))\n        return kept[0]' }),
    /wrong answer: .*other inputs at the same addresses/,
  ],
  ['state in the class', solution({ methods: '    kept = {}\n' }), /state: /],
  [
    'changed inputs',
    solution({
      launch: 'scaled[(count,)](x, rows, self.scale, x, sums, factor, x.shape[1])',
      after: 'scaled[(count,)](x, rows, self.scale, y, sums, factor, x.shape[1])\n        return y, sums',
    }),
    /x\[\d+\] was changed from .*, although x is an input/,
  ],
  [
    'changed weights',
    solution({ before: 'scaled[(1,)](x, rows, self.scale, self.scale, torch.empty((1,)), 1.0, 16)' }),
    /scale\[\d+\] was changed|is .* and should be/,
  ],
  ['streams', solution({ before: 'stream = torch.cuda.Stream()' }), /imports: .*torch\.cuda\.Stream/],
  ['threads', solution({ imports: 'import threading' }), /imports: .*threading/],
  ['reflection', solution({ before: 'getattr(x, "sum")()' }), /introspection/],
  [
    'hooks',
    solution({ methods: '    def __call__(self, *given):\n        return given\n\n' }),
    /introspection: .*__call__/,
  ],
  ['another class', solution({ declarations: 'class Lazy(torch.Tensor):\n    pass' }), /classes: /],
  ['lower precision', solution({ before: 'half = torch.float16' }), /lower precision/],
  [
    'another type',
    solution({
      before: 'x = torch.empty((6, 16), dtype=torch.int32)',
      after: 'return torch.empty((5, 16), dtype=torch.int32), sums',
    }),
    /int32|wrong answer/,
  ],
  ['other sizes', solution({ after: 'return y[:4], sums' }), /out is \[4, 16\], not \[5, 16\]/],
  ['too few outputs', solution({ after: 'return y' }), /gives 1 outputs, not 2/],
  [
    'a compiler of PyTorch',
    solution({ declarations: 'fast = torch.compile(scaled)' }),
    /imports: .*torch\.compile/,
  ],
  [
    'C++ at run time',
    solution({ imports: 'from torch.utils.cpp_extension import load_inline' }),
    /imports: /,
  ],
  ['files', solution({ before: 'open("/tmp/x")' }), /introspection: .*open/],
];

function solutionLaunch(factor: string): string {
  return `scaled[(count,)](x, rows, self.scale, y, sums, ${factor}, x.shape[1])`;
}

function scaleAnd(more: string): string {
  return `self.scale = nn.Parameter(torch.randn(width))\n        ${more}`;
}

on(models, interpreter, 'is caught at whatever it tries', async (device) => {
  const missed: string[] = [];
  for (const [what, text, says] of tricks) {
    const said = await checked(device, text);
    if (!says.test(said)) missed.push(`${what}: ${said || 'passes'}`);
  }
  assert.equal(missed, []);
});

on(models, interpreter, 'may have weights of other names, made in the same order', async (device) => {
  const making = 'self.other = nn.Parameter(torch.randn(width))';
  const launch = solutionLaunch('factor').replace('self.scale', 'self.other');
  assert.is(await checked(device, solution({ making, launch })), '');
});

on(models, torch, 'computes by PyTorch where that is allowed, and says so', async (device) => {
  const text = stubProblem.replace('class Model(', 'class ModelNew(').replace(/def get_inputs[\s\S]*/, '');
  assert.match(await checked(device, text), /^vendor operator|^no kernel/);
  assert.match(await checked(device, text, true), /^computes by aten::.*aten::mul.*aten::sum/);
  // What is no arithmetic stays refused.
  const streaming = text.replace('y = x', 'stream = torch.cuda.Stream()\n        y = x');
  assert.match(await checked(device, streaming, true), /imports: .*torch\.cuda\.Stream/);
});

models.run();
