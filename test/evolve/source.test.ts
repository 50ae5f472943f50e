import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from '../../evolve/source/expression.ts';
import { knobsOf, withKnobs } from '../../evolve/source/knobs.ts';
import { launchPlan, specialised } from '../../evolve/source/launch-plan.ts';

const source = suite('evolve: source');

const cuda = `// Sums rows.
#define TILE 64 // @knob tiling {16, 32, 64} rows of a block
#define SPLIT 0 // @knob association {0, 1} in two steps
// @scratch rows * 4
// @launch first grid(ceil_div(rows, TILE), 2) block(TILE) shared(TILE * 4) args(x, scratch, rows, n + 1)
// @launch second grid(rows) block(32) args(scratch, out, rows) when(SPLIT == 1)
extern "C" __global__ void first() { int n = AXIS_n; }
`;

source('knobs are found in every language', () => {
  const text = [
    '#define A 1 // @knob tiling {1, 2} a',
    'constexpr int B = 2; // @knob unrolling {1, 2} b',
    'const C: u32 = 3u; // @knob launch-shape {3}',
    'D = 4  # @knob warps {4, 8} d',
    'E: tl.constexpr = 5  # @knob stages {5, 6} e',
  ].join('\n');
  assert.equal(
    knobsOf(text).map(({ name, kind, value, values, line }) => [name, kind, value, values, line]),
    [
      ['A', 'tiling', 1, [1, 2], 1],
      ['B', 'unrolling', 2, [1, 2], 2],
      ['C', 'launch-shape', 3, [3], 3],
      ['D', 'warps', 4, [4, 8], 4],
      ['E', 'stages', 5, [5, 6], 5],
    ],
  );
  const turned = withKnobs(text, { A: 2, B: 1, D: 8, E: 6 });
  assert.is(turned.split('\n')[2], text.split('\n')[2]);
  assert.equal(
    knobsOf(turned).map(({ value }) => value),
    [2, 1, 3, 8, 6],
  );
});

source('turning a knob there and back leaves the text as it was', () => {
  fc.assert(
    fc.property(fc.constantFrom(16, 32, 64), fc.constantFrom(0, 1), (TILE, SPLIT) => {
      const turned = withKnobs(cuda, { TILE, SPLIT });
      assert.equal(
        knobsOf(turned).map(({ value }) => value),
        [TILE, SPLIT],
      );
      assert.is(withKnobs(turned, { TILE: 64, SPLIT: 0 }), cuda);
    }),
  );
});

source('knobs that make no sense are told with their line', () => {
  for (const [line, problem] of [
    ['#define A 3 // @knob tiling {1, 2} x', /line 1: A is 3, which is none/],
    ['#define A x // @knob tiling {1} x', /line 1: expected a constant/],
    ['#define A 1 // @knob tiling {1, b} x', /line 1: the values of A/],
    ['#define A 1 // @knob t {1} x\n#define A 1 // @knob t {1} x', /line 2: A is declared twice/],
  ] as const) {
    assert.throws(() => knobsOf(line), problem);
  }
  assert.throws(() => withKnobs(cuda, { NONE: 1 }), /no knob NONE/);
  assert.throws(() => withKnobs(cuda, { TILE: 48 }), /TILE cannot be 48/);
});

source('expressions agree with JavaScript', () => {
  const leaf = fc.oneof(fc.nat(50).map(String), fc.constantFrom('a', 'b'));
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc
        .tuple(tie('tree'), fc.constantFrom('+', '-', '*', '<', '<='), tie('tree'))
        .map(([x, operator, y]) => `(${x} ${operator} ${y})`),
    ),
  }));
  const a = 7;
  const b = 3;
  fc.assert(
    fc.property(tree, (text) => {
      const wanted = Number(new Function('a', 'b', `return ${text}`)(a, b));
      fc.pre(Number.isSafeInteger(wanted));
      assert.is(evaluate(text, { a, b }), wanted === 0 ? 0 : wanted);
    }),
  );
  assert.is(evaluate('ceil_div(a, 2) * align(a, b) + min(a, b) % 2 - 7 / 2', { a, b }), 4 * 9 + 1 - 3);
  for (const wrong of ['a +', '(a', 'a b', 'c', 'a ! b', 'min(a)', ''])
    assert.throws(() => evaluate(wrong, { a, b }));
});

source('a launch plan follows shape and knobs', () => {
  const tensors = ['x', 'out'];
  const plan = launchPlan(cuda, { rows: 100, n: 8 }, tensors);
  assert.equal(plan, {
    scratchBytes: 400,
    launches: [
      {
        entry: 'first',
        grid: [2, 2, 1],
        block: [64, 1, 1],
        sharedBytes: 256,
        pointers: ['x', 'scratch'],
        integers: [100, 9],
      },
    ],
  });
  const both = launchPlan(withKnobs(cuda, { SPLIT: 1, TILE: 16 }), { rows: 100, n: 8 }, tensors);
  assert.equal(
    both.launches.map(({ entry, grid }) => [entry, grid[0]]),
    [
      ['first', 7],
      ['second', 100],
    ],
  );
  assert.ok(specialised(cuda, { rows: 100, n: 8 }).includes('int n = 8;'));
});

source('launches that make no sense are refused', () => {
  for (const [text, problem] of [
    ['int x;', /no launch/],
    ['// @launch f grid(rows', /grid\( is not closed/],
    ['// @launch f size(3)', /expected grid/],
    ['// @launch f grid(0)', /grid\(0\) of f is 0/],
    ['// @launch f grid(nothing)', /nothing is called nothing/],
    ['// @launch f args(x, rows, out)', /tensors come before numbers, out does not/],
  ] as const) {
    assert.throws(() => launchPlan(text, { rows: 1 }, ['x', 'out']), problem);
  }
  assert.throws(() => specialised('AXIS_dim', { rows: 1 }), /no axis dim/);
});

source.run();
