// time-limit: 180 s
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rankfleet } from '../cli/program.ts';
import { Folder } from '../scenarios/folder.ts';
import { smallDistillation } from '../training/distillation/scenarios.ts';

const folder = new Folder();
const out = mkdtempSync(join(tmpdir(), 'rankfleet-distillation-'));
const arms = 'arms: [{name: a}, {name: b, teacher: {snapshots: {every: 6 h}}}, {name: c, join: 2 min}]\n';
const small = folder.write('small-distillation.yaml', `${smallDistillation}${arms}`);

const simulate = suite('rankfleet simulate: distillation');

simulate('gives the same bytes again, on one thread and on two', () => {
  const [first, ...others] = [
    ['--workers', '1'],
    ['--workers', '1'],
    ['--workers', '2'],
  ].map((workers) => rankfleet(['simulate', small, '--json', ...workers]));
  assert.is(first.status, 0, first.stderr);
  for (const other of others) assert.is(other.stdout, first.stdout);
  assert.is(JSON.parse(first.stdout).format, 'rankfleet-distillation-result');
});

simulate('keeps its answer, and the scenario with which it gives it again', () => {
  const { status, stdout, stderr } = rankfleet([
    'simulate',
    small,
    '--out',
    out,
    '--arm',
    'b',
    '--seed',
    '5',
  ]);
  assert.is(status, 0, stderr);
  assert.match(stdout, /shared teacher/);
  const kept = readFileSync(join(out, 'result.json'), 'utf8');
  const result = JSON.parse(kept);
  // The baseline stays beside the arm that was asked for.
  assert.equal(
    result.arms.map(({ name }: { name: string }) => name),
    ['a', 'b'],
  );
  assert.is(result.fingerprint.seed, 5);
  const again = rankfleet(['simulate', join(out, 'scenario.json'), '--json']);
  assert.is(again.stdout, kept);
});

simulate('keeps models of the user in the scenario', () => {
  const own = folder.write('own.yaml', smallDistillation.replace('model: ads-vm-like', 'model: small.yaml'));
  const { status, stderr } = rankfleet(['simulate', own, '--out', out]);
  assert.is(status, 0, stderr);
  const bundle = JSON.parse(readFileSync(join(out, 'scenario.json'), 'utf8'));
  assert.equal(Object.keys(bundle.files.models), ['small.yaml']);
  const again = rankfleet(['simulate', join(out, 'scenario.json'), '--json'], { cwd: tmpdir() });
  assert.is(again.stdout, readFileSync(join(out, 'result.json'), 'utf8'));
});

simulate('ends with 3 where an arm does not fit, and says by how much', () => {
  const tight = folder.write(
    'tight.yaml',
    smallDistillation.replace('model: wukong', 'model: ads-fm-like\n  fleet: { hosts: 1 }'),
  );
  const { status, stdout } = rankfleet(['simulate', tight]);
  assert.is(status, 3);
  assert.match(stdout, /DOES NOT FIT/);
  assert.match(stdout, /more hosts: \d+ instead of 1, of 8 accelerators each/);
});

simulate('refuses what only requests have', () => {
  for (const options of [['--watch'], ['--trace', join(out, 'trace.json')]]) {
    const { status, stderr } = rankfleet(['simulate', small, ...options]);
    assert.is(status, 2);
    assert.match(stderr, /a scenario of kind distillation has none/);
  }
  assert.not.ok(existsSync(join(out, 'trace.json')));
});

simulate('refuses an arm that there is not', () => {
  const { status, stderr } = rankfleet(['simulate', small, '--arm', 'd']);
  assert.is(status, 2);
  assert.match(stderr, /no arm is called 'd'/);
});

simulate.run();

const others = suite('other commands on distillation scenarios');

others('sweep says which commands answer them', () => {
  const { status, stderr } = rankfleet(['sweep', small, '--points', '4']);
  assert.is(status, 2);
  assert.match(stderr, /2:7: kind: this command takes scenarios about serving/);
});

others('list names them with the arms and the defaults', () => {
  const { status, stdout } = rankfleet(['list', 'scenarios', 'tenth-vertical']);
  assert.is(status, 0);
  assert.match(stdout, /nine \(baseline\) +ads-fm-like +9 +ads-vm-like/);
  assert.match(stdout, /verticals\.\*\.peak_to_mean: 1\.5/);
  const all = JSON.parse(rankfleet(['list', 'scenarios', '--json']).stdout);
  const found = all.find(({ name }: { name: string }) => name === 'teacher-under-a-budget');
  assert.is(found.command, 'plan');
});

others('support tells what the parts of their steps rest on', () => {
  const { status, stdout } = rankfleet(['support', small]);
  assert.is(status, 0);
  assert.match(stdout, /training step of wukong on 8 × h100-sxm, .*\(all arms\)/);
  assert.match(stdout, /table-update +compute .* transferred/);
  const { works } = JSON.parse(rankfleet(['support', small, '--json']).stdout);
  assert.equal(works[0].arms, ['a', 'b', 'c']);
});

others('schema tells both kinds apart by a field', () => {
  const scenario = JSON.parse(rankfleet(['schema', 'scenario']).stdout);
  assert.is(scenario.if.properties.kind.const, 'distillation');
  assert.ok(scenario.then.properties.verticals && scenario.else.properties.load);
  assert.not.ok(scenario.then.properties.load);
  const result = JSON.parse(rankfleet(['schema', 'result']).stdout);
  assert.is(result.if.properties.format.const, 'rankfleet-distillation-result');
  assert.ok(result.then.properties.assumptions && result.else.properties.operators);
});

others.after(() => {
  folder.remove();
  rmSync(out, { recursive: true });
});
others.run();
