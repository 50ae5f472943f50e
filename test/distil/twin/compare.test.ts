import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { comparisonOf } from '../../../distil/twin/compare-twins.ts';
import { studentQuantile } from '../../../sim/statistics/student.ts';

const compare = suite('twin: comparison');

const shared = { level: 0.95, among: 1, start: 'shared' } as const;
const own = { level: 0.95, among: 1, start: 'own' } as const;

compare('from the same start, agrees where no seed differs by more than 0.02 %', () => {
  const ours = [0.9, 0.9, 0.9];
  const verdictOf = (by: number) =>
    comparisonOf(
      ours,
      ours.map((ne, seed) => (seed === 1 ? ne * (1 + by) : ne)),
      shared,
    ).verdict;
  assert.is(verdictOf(0.00019), 'agrees');
  assert.is(verdictOf(-0.00019), 'agrees');
  assert.is(comparisonOf([0.9], [0.9 * 1.00019], shared).verdict, 'agrees');
  assert.is(comparisonOf([0.9], [0.9 * 1.00021], shared).verdict, 'differs');
  assert.is(comparisonOf([0.9], [Number.NaN], shared).verdict, 'differs');
  assert.is(comparisonOf(ours, [0.91, 0.91, 0.91], shared).verdict, 'differs');
});

compare('and beyond that, within what seeds explain', () => {
  const ours = [0.89, 0.9, 0.91];
  const scaled = (by: number) => ours.map((ne) => ne * (1 + by));
  assert.is(comparisonOf(ours, scaled(0.001), shared).verdict, 'agrees');
  assert.is(comparisonOf(ours, scaled(0.1), shared).verdict, 'differs');
  assert.is(comparisonOf(ours, [0.9, Number.NaN, 0.9], shared).verdict, 'differs');
});

compare('from another start, agrees within what Student’s t allows two means', () => {
  // Of a spread of 0.01 each.
  const ours = [0.89, 0.9, 0.91];
  const allowed = studentQuantile(0.975, 4) * 0.01 * Math.sqrt(2 / 3);
  const at = (apart: number) =>
    comparisonOf(
      ours,
      ours.map((ne) => ne + apart),
      own,
    );
  assert.ok(Math.abs(at(0).seedNoise! - allowed / 0.9) < 1e-12);
  assert.is(at(0.99 * allowed).verdict, 'agrees');
  assert.is(at(-0.99 * allowed).verdict, 'agrees');
  assert.is(at(1.01 * allowed).verdict, 'differs');
  assert.is(at(-1.01 * allowed).verdict, 'differs');
});

compare('allows more where many are to hold together', () => {
  const noise = (among: number) => comparisonOf([0.89, 0.91], [0.9, 0.92], { ...own, among }).seedNoise!;
  assert.ok(noise(50) > 3 * noise(1));
});

compare('is open from another start with a single seed, which knows no noise', () => {
  const { verdict, seedNoise, change } = comparisonOf([0.9], [0.9], own);
  assert.is(verdict, 'open');
  assert.is(seedNoise, undefined);
  assert.equal(change, { mean: 0, perSeed: [0] });
});

compare('tells the change by seed, as its over ours', () => {
  const { ours, its, change } = comparisonOf([0.8, 1], [0.88, 1.1], shared);
  assert.ok(
    Math.abs(change.mean - 0.1) < 1e-12 && change.perSeed.every((each) => Math.abs(each - 0.1) < 1e-12),
  );
  assert.ok(Math.abs(ours.mean - 0.9) < 1e-12 && Math.abs(its.mean - 0.99) < 1e-12);
});

compare.run();
