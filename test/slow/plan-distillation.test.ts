// time-limit: 400 s
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import { distillationPlanSchema } from '../../sim/training/plan/distillation-plan-result.ts';
import { rankfleet } from '../cli/program.ts';
import { smallDistillation } from '../training/distillation/scenarios.ts';

const plan = suite('rankfleet plan of a distillation');
const folder = mkdtempSync(join(tmpdir(), 'rankfleet-plan-'));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const path = file('small.yaml', smallDistillation);
const quick = ['--no-sensitivity'];

plan('answers in words and tables, and exits 0', () => {
  const { status, stdout, stderr } = rankfleet(['plan', path, ...quick]);
  assert.is(status, 0, stderr);
  for (const words of [
    'Build a teacher as stated',
    'Buy \\d+ hosts',
    'What to buy',
    'Proof by simulation',
    'Money',
  ])
    assert.match(stdout, new RegExp(words));
  assert.not.match(stdout, /NaN|undefined|Infinity|\d{9}/);
  assert.is(stderr, '');
});

plan('prints and keeps the same versioned JSON, whatever the threads; it is a report', () => {
  const out = join(folder, 'out');
  const one = rankfleet(['plan', path, ...quick, '--json', '--workers', '1', '--out', out]);
  const two = rankfleet(['plan', path, ...quick, '--json', '--workers', '2']);
  assert.is(one.status, 0, one.stderr);
  assert.is(one.stdout, two.stdout);
  assert.is(readFileSync(join(out, 'plan.json'), 'utf8'), one.stdout);
  distillationPlanSchema.parse(JSON.parse(one.stdout));
  const text = rankfleet(['report', out]);
  assert.is(text.stdout, rankfleet(['plan', path, ...quick]).stdout);
  const html = join(folder, 'plan.html');
  assert.is(rankfleet(['report', out, '--html', html, '--markdown', join(folder, 'plan.md')]).status, 0);
  assert.match(readFileSync(html, 'utf8'), /What to buy/);
  const csv = rankfleet(['report', out, '--csv', '-', '--table', 'fleets']);
  assert.is(csv.stdout.trim().split('\n').length, 4, csv.stdout);
});

plan('of arms that come to the same names none of them, and misses of nothing are 0', () => {
  const servers = (count: number) => `{name: '${count} servers', teacher: {labelling: {servers: ${count}}}}`;
  const arms = file('alike.yaml', `${smallDistillation}arms: [${servers(1)}, ${servers(2)}]\n`);
  const { status, stdout } = rankfleet(['plan', arms, ...quick]);
  assert.is(status, 0);
  assert.match(stdout.replaceAll('\n', ' '), /as stated: .* The 2 alternatives come to the same\./);
  assert.not.match(stdout, /of 1 servers/);
  assert.match(stdout, /as planned +1 +0 +0 /);
  assert.not.match(stdout, /0\.000 ±0\.000 +0 /);
});

plan('follows --seed, --replications, --headroom, --spares and --arm', () => {
  const arms = file('arms.yaml', `${smallDistillation}arms: [{name: a}, {name: b, join: 2 min}]\n`);
  const options = ['--seed', '7', '--replications', '3', '--headroom', '40 %', '--spares', '1', '--arm', 'b'];
  const { status, stdout, stderr } = rankfleet(['plan', arms, ...quick, '--json', ...options]);
  assert.is(status, 0, stderr);
  const { scenario, fingerprint, alternatives } = distillationPlanSchema.parse(JSON.parse(stdout));
  assert.is(fingerprint.seed, 7);
  assert.equal([scenario.replications, scenario.headroom, scenario.spares], [3, 0.4, 1]);
  assert.equal(
    alternatives.map(({ name }) => name),
    ['b'],
  );
});

plan('refuses options of serving plans', () => {
  for (const options of [
    ['--target', '5 QPS'],
    ['--sla', 'p99 5 ms'],
    ['--survive', 'rack'],
    ['--capacity'],
  ]) {
    const { status, stdout, stderr } = rankfleet(['plan', path, ...options]);
    assert.is(status, 2, options[0]);
    assert.is(stdout, '');
    assert.match(stderr, new RegExp(`^${options[0]}: a scenario of kind distillation serves no requests`));
  }
});

const bad: [what: string, plan: string, message: RegExp][] = [
  [
    'an unknown field',
    '{ budgets: 5 USD/day }',
    /bad\.yaml:\d+:\d+: plan\.budgets: unknown key 'budgets' \(did you mean 'budget'\?\)/,
  ],
  ['a budget without its unit', '{ budget: 5000 }', /plan\.budget: expected a price with its unit/],
  ['a host that is not', '{ stock: { h100x9: 4 } }', /plan\.stock\.h100x9: .*h100x8/],
  ['no sizes', '{ budget: 5 USD/day, sizes: [] }', /plan\.sizes: list at least one size/],
  [
    'an interval below the step',
    '{ snapshot_intervals: [2 min] }',
    /plan\.snapshot_intervals\[0\]: steps of 5\.00 min/,
  ],
  ['a share beyond all', '{ miss: 120 % }', /plan\.miss: 120 % is out of range/],
];
for (const [what, section, message] of bad) {
  plan(`refuses ${what}`, () => {
    const { status, stdout, stderr } = rankfleet([
      'plan',
      file('bad.yaml', `${smallDistillation}plan: ${section}\n`),
    ]);
    assert.is(status, 2, stderr);
    assert.is(stdout, '');
    assert.match(stderr, message);
  });
}

plan('that is infeasible says by how much, numbers remedies, and exits 3', () => {
  const limited = file('limited.yaml', `${smallDistillation}plan: { limits: { hosts: 1 } }\n`);
  const { status, stdout, stderr } = rankfleet(['plan', limited]);
  assert.is(status, 3, stderr);
  assert.match(stdout, /Infeasible as asked: EXCEEDS LIMITS/);
  assert.match(stdout, /needs 3 hosts, plan\.limits\.hosts allows 1 host: 2 hosts too much/);
  assert.match(stdout, /\n1\. plan\.limits\.hosts: 3 hosts instead of 1 host: the plan is feasible/);
});

plan.run();

const library = suite('plans of the library of distillations');

/** Set to rewrite the files after a change that is meant to move them. */
const isUpdating = process.env.RANKFLEET_UPDATE_GOLDEN === '1';
const planned: Record<string, string> = {
  'teacher-under-a-budget': 'all of the traffic',
  'label-servers-at-peak': 'as sized',
};
for (const [name, arm] of Object.entries(planned)) {
  library(`${name} is as before`, () => {
    const options = ['--arm', arm, '--replications', '2', ...quick];
    const { status, stdout, stderr } = rankfleet(['plan', name, ...options]);
    assert.is(status, 0, stderr);
    const golden = join(packageRoot, 'test/golden', `plan-${name}.txt`);
    if (isUpdating) writeFileSync(golden, stdout);
    assert.ok(existsSync(golden), `no golden plan of ${name}`);
    assert.is(stdout, readFileSync(golden, 'utf8'));
  });
}

library.after(() => rmSync(folder, { recursive: true }));
library.run();
