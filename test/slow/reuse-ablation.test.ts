import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { policyOf } from '../../evolve/policies/by-name.ts';
import { comparePolicies } from '../../evolve/replay/compare-policies.ts';
import { pastKernelsFor } from '../../evolve/replay/past-of-space.ts';
import { parametersOfKey, type TimedSpace } from '../../evolve/replay/space.ts';
import { strategyCounter } from '../../evolve/replay/strategies.ts';
import { hashOf } from '../../evolve/storage/artifacts.ts';
import { readExport } from '../../evolve/storage/import.ts';
import { packageRoot } from '../../foundation/files.ts';
import { rankfleet } from '../cli/program.ts';
import { landscape, tiledLandscape } from '../evolve/landscapes.ts';
import { failed, nodeOf } from '../evolve/searches.ts';

const past = suite('kernels of earlier spaces and searches');

const related: TimedSpace = { ...tiledLandscape(), data_type: 'bf16' };

past('are the best right ones of a like space, in terms of this one', () => {
  const found = pastKernelsFor(related, [{ origin: 'tiled', space: tiledLandscape() }]);
  assert.is(found.length, 10);
  const scores = found.map(({ attempt }) => attempt.evaluation.score);
  assert.equal(
    scores,
    [...scores].sort((a, b) => b - a),
  );
  assert.ok(scores[0] > 2.7, String(scores[0]));
  for (const { similarity, attempt } of found) {
    assert.is(similarity, 0.85);
    const key = Object.values(JSON.parse(attempt.artifact.text)).join();
    assert.ok('times_s' in related.cache[key]);
  }
});

past('are none of another operator, of other knobs, or where everything failed', () => {
  const tiled = tiledLandscape();
  const none = (space: TimedSpace) => pastKernelsFor(related, [{ origin: 'x', space }]).length;
  assert.is(none({ ...tiled, operator: 'softmax' }), 0);
  assert.is(none({ ...tiled, language: 'triton' }), 0);
  assert.is(none({ ...landscape({ block: [1, 2] }, () => 1) }), 0);
  assert.is(none({ ...tiled, cache: { '0,0,0,0,0': { failure: { stage: 'run', reason: 'x' } } } }), 0);
});

past('of a search are read from the knobs of its sources', () => {
  const search = readExport(join(packageRoot, 'evolve/searches/h200-sxm/optimised-fm-fp16.json'));
  const [{ task, device }] = search.sessions;
  const knobs = { WARPS: [2, 4, 7], TILE_BYTES: [4096, 6144, 8192, 12288], STAGES: [1, 3, 4] };
  const space: TimedSpace = {
    ...landscape(knobs, () => 1),
    operator: 'optimised-fm',
    data_type: 'fp16',
    device_name: device.name,
    shapes: task.search.map(({ shape }) => ({ ...shape })),
    reference: { name: 'unit', times_s: task.search.map(() => 1) },
    cache: {},
  };
  const found = pastKernelsFor(space, [{ origin: 'fm.json', search }]);
  const best = search.nodes.reduce((a, b) =>
    (b.evaluation?.score ?? 0) > (a.evaluation?.score ?? 0) ? b : a,
  );
  assert.is(found[0].attempt.evaluation.score, best.evaluation?.score);
  assert.is(found[0].origin, `fm.json, node ${best.id}`);
  const { text } = search.artifacts[best.artifact!];
  const written = (name: string) => Number(text.match(new RegExp(`#define ${name} (\\d+)`))?.[1]);
  const expected = { WARPS: written('WARPS'), TILE_BYTES: written('TILE_BYTES'), STAGES: written('STAGES') };
  assert.equal(JSON.parse(found[0].attempt.artifact.text), expected);
  // The other variants have none of these knobs, and twice the same setting is one kernel.
  assert.is(new Set(found.map(({ attempt }) => attempt.artifact.text)).size, found.length);
});

past.run();

const ablation = suite('reuse at several rates');

ablation(
  'counts strategies by the half of its values that each knob stands in, of right kernels only',
  () => {
    const space = landscape({ a: [1, 2, 3, 4], b: [1, 2] }, () => 1);
    const node = (id: number, key: string, changes = {}) => {
      const text = JSON.stringify(parametersOfKey(space, key));
      return nodeOf(id, { artifact: hashOf({ language: 'cuda', text }), score: 1, ...changes });
    };
    const count = strategyCounter(space);
    assert.is(count([]), 0);
    assert.is(count([node(2, '1,1'), node(3, '2,1')]), 1);
    assert.is(count([node(2, '1,1'), node(3, '3,1'), node(4, '4,2')]), 3);
    assert.is(count([node(2, '1,1'), node(3, '4,2', failed())]), 1);
  },
);

ablation(
  'anchors: more right kernels meet the baseline and the target is there sooner, of fewer strategies',
  async () => {
    const find = () => pastKernelsFor(related, [{ origin: 'tiled', space: tiledLandscape() }]);
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const [never, often] = await Promise.all(
      [0, 0.5].map(async (rate) => {
        const options = { steps: 60, target: 2, reuse: { rate, find } };
        return (await comparePolicies(related, [() => policyOf('greedy')], seeds, options))[0];
      }),
    );
    assert.ok(often.stepsToTarget.median < never.stepsToTarget.median);
    assert.ok(often.meetsReference!.low! > never.meetsReference!.high!);
    assert.ok(often.strategies.high! < never.strategies.low!);
  },
);

ablation('is a table by policy and rate, the same to the digit each time', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-ablation-'));
  try {
    writeFileSync(join(folder, 'tiled.json'), JSON.stringify(tiledLandscape()));
    writeFileSync(join(folder, 'related.json'), JSON.stringify(related));
    const other = { ...tiledLandscape(), operator: 'softmax' };
    writeFileSync(join(folder, 'other.json'), JSON.stringify(other));
    const compare = (...args: string[]) =>
      rankfleet(['evolve', 'compare-policies', 'related.json', '--steps', '30', ...args], { cwd: folder });
    const args = ['--policy', 'greedy', '--policy', 'aide', '--from', 'tiled.json'];
    const [first, second] = [compare(...args), compare(...args)];
    assert.is(first.status, 0, first.stderr);
    assert.is(first.stdout, second.stdout);
    assert.match(first.stdout, /7776 settings, 1836 of which fail/);
    assert.match(first.stdout, /the first of them tiled\.json/);
    for (const row of ['greedy, 0 ', 'greedy, 0.1', 'greedy, 0.5', 'aide, 0 ', 'aide, 0.1', 'aide, 0.5']) {
      assert.ok(first.stdout.includes(`\n${row}`), row);
    }
    const data = JSON.parse(compare(...args, '--reuse', '0.25', '--json').stdout);
    assert.equal(
      data.compared.map(({ policy, reuse }: { policy: string; reuse: number }) => [policy, reuse]),
      [
        ['greedy', 0.25],
        ['aide', 0.25],
      ],
    );
    assert.is(data.past.length, 10);
    const without = compare('--policy', 'greedy', '--json');
    const [alone] = JSON.parse(without.stdout);
    const { reuse, ...none } = JSON.parse(
      compare('--policy', 'greedy', '--from', 'tiled.json', '--reuse', '0', '--json').stdout,
    ).compared[0];
    assert.is(reuse, 0);
    assert.equal(none, alone);
    const wrong: [args: string[], message: RegExp][] = [
      [['--reuse', '0.1'], /--reuse needs --from/],
      [['--from', 'other.json'], /--from other\.json: has no right kernel that related\.json can take over/],
      [['--from', 'tiled.json', '--reuse', '0,2'], /number from 0 to 1/],
      [['--from', 'nothing.json'], /nothing\.json/],
    ];
    for (const [given, message] of wrong) {
      const { status, stderr } = compare(...given);
      assert.is(status, 2, given.join(' '));
      assert.match(stderr, message);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

ablation.run();
