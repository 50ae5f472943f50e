import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { errorSignature } from '../../evolve/error-signature.ts';
import {
  adaptiveMemory,
  knownFailures,
  memoryKinds,
  memorySchedule,
  relativesOf,
} from '../../evolve/memory.ts';
import { RandomStream } from '../../foundation/random.ts';
import { failed, graphWith, nodeOf } from './searches.ts';

const memory = suite('memory of a node');

/** 2 and 3 are drafts; 4, 5 and 6 come from 2, where 5 has no artifact; 7 comes from 4. */
const family = () =>
  graphWith(
    nodeOf(2, { score: 1 }),
    nodeOf(3, { score: 1 }),
    nodeOf(4, { parents: [2], score: 1 }),
    nodeOf(5, { parents: [2], artifact: undefined, ...failed() }),
    nodeOf(6, { parents: [2], ...failed() }),
    nodeOf(7, { parents: [4], score: 1 }),
  );

memory('shows the trajectory of the parents, what else was made of them, both, or nothing', () => {
  const of = (parents: number[]) => memoryKinds.map((kind) => relativesOf(family(), parents, kind));
  assert.equal(of([2]), [
    { ancestors: [], siblings: [] },
    { ancestors: [], siblings: [6, 4] },
    { ancestors: [], siblings: [6, 4] },
    { ancestors: [], siblings: [] },
  ]);
  assert.equal(of([4])[2], { ancestors: [2], siblings: [7] });
  assert.equal(of([7, 3])[2], { ancestors: [4, 2], siblings: [] });
});

memory('shows no more relatives than an operator may read', () => {
  const line = Array.from({ length: 60 }, (_, index) =>
    nodeOf(index + 2, { parents: [Math.max(1, index + 1)], score: 1 }),
  );
  assert.equal(
    relativesOf(graphWith(...line), [61], 'parent').ancestors,
    Array.from({ length: 16 }, (_, index) => 60 - index),
  );
});

memory('is chosen by what there is to show', () => {
  const choose = (parents: number[]) => adaptiveMemory.choose(family(), parents, new RandomStream(1));
  assert.is(choose([3]), 'parent');
  assert.is(choose([2]), 'siblings');
  assert.is(choose([4]), 'both');
});

memory('begins anew every other time when nothing has become better for long', () => {
  const stuck = graphWith(nodeOf(2, { score: 1 }), ...Array.from({ length: 15 }, (_, i) => nodeOf(i + 3)));
  const chosen = Array.from({ length: 200 }, (_, seed) =>
    adaptiveMemory.choose(stuck, [2], new RandomStream(seed)),
  );
  const clean = chosen.filter((kind) => kind === 'none').length;
  assert.ok(clean > 70 && clean < 130, `${clean} of 200`);
  assert.ok(chosen.includes('parent'));
});

memory('has schedules by name', () => {
  for (const name of ['adaptive', ...memoryKinds]) assert.is(memorySchedule(name).name, name);
  assert.throws(() => memorySchedule('sibling'), /did you mean 'siblings'/);
});

memory.run();

const failures = suite('negative memory');

failures(
  'counts failures by what they have in common, the most frequent first, with what was tried last',
  () => {
    const nodes = ['a', 'b', 'b', 'a', 'b', 'b', 'c'].map((reason, index) =>
      nodeOf(index + 2, failed(reason)),
    );
    const known = knownFailures([...nodes, nodeOf(9, { score: 1 })]);
    assert.equal(known, [
      { signature: 'compile: b', reason: 'b', count: 4, tried: ['made 7', 'made 6', 'made 4'] },
      { signature: 'compile: a', reason: 'a', count: 2, tried: ['made 5', 'made 2'] },
      { signature: 'compile: c', reason: 'c', count: 1, tried: ['made 8'] },
    ]);
  },
);

failures('is bounded', () => {
  const nodes = Array.from({ length: 50 }, (_, index) => nodeOf(index + 2, failed(`kind ${index}`)));
  const known = knownFailures(nodes);
  assert.is(known.length, 10);
  assert.is(known[0].signature, 'compile: kind 49');
});

const sayings: [text: string, common: string][] = [
  [
    '/tmp/rankfleet-ab12/kernel_17.cu(12): error: identifier "foo" is undefined\n1 error detected',
    '<path>: error: identifier "foo" is undefined',
  ],
  ["\u001b[31mkernel.cu:33:7: error: expected ';'\u001b[0m", "<path>: error: expected ';'"],
  [
    'CUDA error 700: an illegal memory access at 0x7f3a00ff00',
    'CUDA error <n>: an illegal memory access at <address>',
  ],
  ['relative error 3.4e-2 over 1e-3 at [17, 33] in fp16', 'relative error <n> over <n> at [<n>] in fp16'],
  ['Traceback:\n  File "/tmp/x.py", line 3\nValueError: 3x4 and 5x6', 'ValueError: <n> and <n>'],
  ['worker 3f2a99bc01 died', 'worker <id> died'],
];

failures('go by signatures without paths, addresses and numbers', () => {
  for (const [text, common] of sayings) assert.is(errorSignature('run', text), `run: ${common}`);
  assert.is(errorSignature('compile', ''), 'compile:');
});

failures('have signatures that are short and do not change when they are taken again', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const signature = errorSignature('run', text);
      assert.ok(signature.length <= 160 && !signature.includes('\n'));
    }),
  );
  for (const [, common] of sayings) assert.is(errorSignature('run', common), `run: ${common}`);
});

failures.run();
