import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { matchArms } from '../../sim/compare/match-arms.ts';
import { refusal } from './refusal.ts';

const matching = suite('compare: matching arms');

const names = (text: string) => text.split(' ');
const chosen = (a: string, b: string, choice: object = {}) =>
  matchArms(names(a), names(b), { arm: [], ...choice });
const refused = (...of: Parameters<typeof chosen>) => refusal(() => chosen(...of));

matching('arms of equal names are pairs, in the order of A; the others are named', () => {
  const { pairs, unmatched } = chosen('x y z', 'z w x');
  assert.equal(pairs, [
    { a: 'x', b: 'x' },
    { a: 'z', b: 'z' },
  ]);
  assert.equal(unmatched, { a: ['y'], b: ['w'] });
});

matching('the only arm of each side is a pair, whatever it is called', () => {
  assert.equal(chosen('x', 'y').pairs, [{ a: 'x', b: 'y' }]);
});

matching('one is chosen: with its namesake, or with the only arm of the other side', () => {
  assert.equal(chosen('x y', 'y z', { armA: 'y' }).pairs, [{ a: 'y', b: 'y' }]);
  assert.equal(chosen('x y', 'z', { armA: 'x' }).pairs, [{ a: 'x', b: 'z' }]);
  assert.equal(chosen('x', 'y z', { armB: 'z' }).pairs, [{ a: 'x', b: 'z' }]);
  assert.equal(chosen('x y', 'x y', { armA: 'x', armB: 'y' }).pairs, [{ a: 'x', b: 'y' }]);
  assert.equal(chosen('x y z', 'x y', { arm: ['y', 'y'] }).pairs, [{ a: 'y', b: 'y' }]);
});

matching('what cannot be paired says what there is', () => {
  assert.match(
    refused('x y', 'v w'),
    /no arm of A has the name .* --arm-a and --arm-b; A has 'x', 'y'; B has/,
  );
  assert.match(
    refused('alpha y', 'alpha z', { armA: 'alpa' }),
    /A has no arm 'alpa' \(did you mean 'alpha'\?\)/,
  );
  assert.match(refused('x y', 'v w', { armA: 'x' }), /B has no arm 'x': choose one with --arm-b/);
  assert.match(refused('x y', 'v w', { armB: 'q' }), /has no arm 'q'/);
  assert.match(refused('x y', 'x y', { arm: ['x'], armA: 'x' }), /not both ways/);
  const many = Array.from({ length: 50 }, (_, index) => `m${index}`).join(' ');
  assert.match(refused(many, 'u v'), /'m19' and 30 more/);
});

matching.run();
