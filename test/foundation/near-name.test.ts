import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { evidenceLevels, weakest } from '../../foundation/evidence.ts';
import { didYouMean, nearName } from '../../foundation/near-name.ts';

const near = suite('near names');

const strategies = ['singular', 'one-shard', 'capacity-balanced', 'load-balanced', 'nsbp', 'best'];

near('a slip of the pen is found', () => {
  assert.is(nearName('modle', ['model', 'load']), 'model');
  assert.is(nearName('capacity-balance', strategies), 'capacity-balanced');
  assert.is(nearName('Singular', strategies), 'singular');
  assert.is(nearName('nspb', strategies), 'nsbp');
  assert.is(nearName('bst', strategies), 'best');
});

near('of several, the nearest', () => {
  assert.is(nearName('mm2', ['mmc', 'mm1', 'mm22']), 'mmc');
  assert.is(nearName('load-balancd', strategies), 'load-balanced');
});

near('what nobody meant is not suggested', () => {
  assert.is(nearName('replicated', strategies), undefined);
  assert.is(nearName('', strategies), undefined);
  assert.is(nearName('x', []), undefined);
  assert.is(nearName('/', ['a', 'b']), undefined);
  assert.is(nearName('x'.repeat(100_000), strategies), undefined);
});

near('the suggestion is a whole phrase or nothing', () => {
  assert.is(didYouMean('bestt', strategies), " (did you mean 'best'?)");
  assert.is(didYouMean('zzzzzz', strategies), '');
});

near('one edit of a word of three letters or more finds the word', () => {
  const edited = fc.constantFrom(...strategies).chain((word) =>
    fc.record({
      word: fc.constant(word),
      at: fc.nat(word.length - 2),
      letter: fc.constantFrom(...'abcxyz'),
      edit: fc.constantFrom('delete', 'insert', 'replace', 'swap'),
    }),
  );
  fc.assert(
    fc.property(edited, ({ word, at, letter, edit }) => {
      const middle = { delete: '', insert: word[at] + letter, replace: letter, swap: '' }[edit];
      const swapped = word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
      const wrong = edit === 'swap' ? swapped : word.slice(0, at) + middle + word.slice(at + 1);
      assert.is(nearName(wrong, strategies), word, wrong);
    }),
    { seed: 1, numRuns: 500 },
  );
});

near.run();

const evidence = suite('evidence');

evidence('what rests on two figures is as strong as the weaker', () => {
  assert.is(weakest('measured', 'assumed'), 'assumed');
  assert.is(weakest('datasheet', 'published'), 'datasheet');
  for (const level of evidenceLevels) {
    assert.is(weakest(level, level), level);
    assert.is(weakest('measured', level), level);
    assert.is(weakest(level, 'assumed'), 'assumed');
  }
});

evidence('the order of the two does not matter', () => {
  for (const a of evidenceLevels) for (const b of evidenceLevels) assert.is(weakest(a, b), weakest(b, a));
});

evidence.run();
