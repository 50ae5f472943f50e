import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { grid, powers } from '../../harness/candidates/grid.ts';
import { Sampler, type Target } from '../../harness/sampler.ts';

const plane = grid({ rows: powers(1, 256), n: powers(1, 256) });

function target(changes: Partial<Target> = {}): Target {
  return {
    operator: 'layer-norm',
    dataType: 'fp32',
    implementation: 'rankfleet',
    cores: 0,
    axes: ['rows', 'n'],
    shapes: plane,
    weight: 1,
    ...changes,
  };
}

const sampling = suite('choice of what to measure');

sampling('begins in the middle and then goes to the corner that is furthest from it', () => {
  const wanted = target();
  const sampler = new Sampler([wanted]);
  const first = sampler.next()!;
  assert.equal(first.shape, { rows: 16, n: 16 });
  sampler.done(wanted, first.shape, true);
  const second = sampler.next()!.shape;
  assert.ok([1, 256].includes(second.rows) && [1, 256].includes(second.n));
});

sampling('spreads: eight points leave no shape far from all of them', () => {
  const wanted = target();
  const sampler = new Sampler([wanted]);
  const chosen: { x: number; y: number }[] = [];
  for (let i = 0; i < 8; i++) {
    const { shape } = sampler.next()!;
    chosen.push({ x: Math.log2(shape.rows), y: Math.log2(shape.n) });
    sampler.done(wanted, shape, true);
  }
  const farthest = Math.max(
    ...plane.map(({ rows, n }) =>
      Math.min(...chosen.map(({ x, y }) => Math.hypot(x - Math.log2(rows), y - Math.log2(n)))),
    ),
  );
  // The plane is 8 × 8 doublings: a random choice of eight usually leaves a gap of 5 or more.
  assert.ok(farthest <= 4.2, `${farthest}`);
});

sampling('measures an axis finer where efficiency changes over a shorter distance', () => {
  const wanted = target();
  const sampler = new Sampler([wanted]);
  const first = sampler.next()!.shape;
  sampler.done(wanted, first, true);
  sampler.refine(wanted, { lengthScales: [0.5, 8], error: 0.2 });
  const rows = new Set<number>();
  for (let i = 0; i < 6; i++) {
    const { shape } = sampler.next()!;
    rows.add(shape.rows);
    sampler.done(wanted, shape, true);
  }
  assert.ok(rows.size >= 5, `only ${rows.size} different rows`);
});

sampling('gives a rough surface more points than a smooth one, and a heavy one more than a light one', () => {
  const smooth = target({ operator: 'rms-norm' });
  const rough = target();
  const sampler = new Sampler([smooth, rough]);
  sampler.refine(smooth, { lengthScales: [2, 2], error: 0.02 });
  sampler.refine(rough, { lengthScales: [2, 2], error: 0.2 });
  const counts = count(sampler, 20);
  assert.ok(counts.get(rough)! > 2 * counts.get(smooth)!);
  assert.is(counts.get(smooth), 4, 'the first points come before anything is refined');
  const light = target({ weight: 0.2 });
  const heavy = target({ operator: 'rms-norm' });
  const weighted = count(new Sampler([light, heavy]), 20);
  assert.ok(weighted.get(heavy)! > weighted.get(light)!);
});

sampling('never gives a shape twice, and ends when all are done', () => {
  const wanted = target();
  const sampler = new Sampler([wanted]);
  const seen = new Set<string>();
  for (let next = sampler.next(); next; next = sampler.next()) {
    const key = JSON.stringify(next.shape);
    assert.not.ok(seen.has(key), key);
    seen.add(key);
    sampler.done(wanted, next.shape, seen.size % 3 !== 0);
  }
  assert.is(seen.size, plane.length);
});

sampling('has nothing to choose without candidates', () => {
  assert.is(new Sampler([target({ shapes: [] })]).next(), undefined);
});

sampling.run();

function count(sampler: Sampler, picks: number): Map<Target, number> {
  const counts = new Map<Target, number>();
  for (let i = 0; i < picks; i++) {
    const { target: wanted, shape } = sampler.next()!;
    counts.set(wanted, (counts.get(wanted) ?? 0) + 1);
    sampler.done(wanted, shape, true);
  }
  return counts;
}
