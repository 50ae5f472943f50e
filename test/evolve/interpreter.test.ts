// time-limit: 120 s
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EvaluatorPool } from '../../evolve/evaluation/evaluator-pool.ts';
import { pythonBackend } from '../../harness/devices/python/python-backend.ts';
import { softmaxTask } from './candidates.ts';

process.env.TRITON_INTERPRET = '1';
const { devices, looked } = await pythonBackend.find();
const index = devices.indexOf("CPU by Triton's interpreter");
if (index < 0) console.log(`SKIPPED: no Triton whose interpreter could be tried\n  ${looked.join('\n  ')}`);

const source = (before = '', factor = '1.0', stored = 'column < AXIS_n') => `import triton
import triton.language as tl


@triton.jit
def softmax(x, out, COLUMNS: tl.constexpr):
    column = tl.arange(0, COLUMNS)
    at = tl.program_id(0) * AXIS_n + column
    power = tl.exp(tl.load(x + at, mask=column < AXIS_n, other=float("-inf")))
    tl.store(out + at, ${factor} * power / tl.sum(power, axis=0), mask=${stored})


def launch(tensors, axes):
    ${before}
    softmax[(axes["rows"],)](tensors["x"], tensors["out"], COLUMNS=triton.next_power_of_2(AXIS_n))
`;

const interpreter = suite("evaluation by Triton's interpreter");
const test = index < 0 ? interpreter.skip : interpreter;

test('checks answers and takes no times', async () => {
  const pool = new EvaluatorPool({ devices: [{ backend: 'python', index }], usesPython: true });
  try {
    const evaluate = (text: string) => {
      const { signal } = new AbortController();
      return pool.evaluate({ language: 'triton', text }, { task: softmaxTask, dataType: 'fp32', signal });
    };
    const right = await evaluate(source());
    assert.is(right.failure, undefined, right.failure?.reason);
    assert.equal([right.score, right.timings, right.reference], [0, [], 'none']);
    assert.equal(
      right.untimed!.map(({ shape }) => shape),
      softmaxTask.search.map(({ shape }) => shape),
    );
    assert.ok(right.untimed!.every(({ error, tolerance }) => error > 0 && error < tolerance));
    const wrong = await evaluate(source('', '1.001'));
    assert.is(wrong.failure?.stage, 'wrong answer');
    // In order, the next row mends what a row spills into it; nothing mends the last one's.
    const spilling = await evaluate(source('', '1.0', 'column < COLUMNS'));
    assert.is(spilling.failure?.reason, 'on usual inputs: writes past the end of out');
    // What the interpreter asks of PyTorch by itself opens no door to others.
    const helped = await evaluate(source('tensors["out"].neg_()'));
    assert.is(helped.failure?.stage, 'cheat');
    assert.match(helped.failure!.reason, 'computes by aten::neg_');
  } finally {
    await pool.close();
  }
});

interpreter.run();
