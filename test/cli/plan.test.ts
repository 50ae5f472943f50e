import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planResultSchema } from '../../sim/fleet/plan-result.ts';
import { rankfleet } from './program.ts';

const plan = suite('rankfleet plan');
const folder = mkdtempSync(join(tmpdir(), 'rankfleet-plan-'));

const small = `
model: dlrm-rmc1
load: { arrivals: { kind: poisson, rate: 20000 QPS }, candidates: { kind: fixed, value: 32 }, requests: 600 }
serving: { batch_size: whole-request }
sla: { percentile: p99, latency: 10 ms }
replications: 3
arms:
  - { name: alone, sharding: { strategy: singular } }
  - { name: split, sharding: { strategy: load-balanced, shards: 2 }, fleet: { sparse: { host: sc-small } } }
`;

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const path = file('small.yaml', small);

plan('answers in words and tables, and exits 0', () => {
  const { status, stdout, stderr } = rankfleet(['plan', path, '--no-sensitivity']);
  assert.is(status, 0, stderr);
  assert.match(stdout, /^20 000 requests\/s with p99 ≤ 10\.0 ms: /);
  for (const heading of ['Fleets for', 'Latency-bounded throughput', 'Proof by simulation', 'Room left']) {
    assert.match(stdout, new RegExp(heading));
  }
  assert.is(stderr, '');
});

plan('prints and keeps the same versioned JSON, whatever the threads', () => {
  const out = join(folder, 'out');
  const one = rankfleet(['plan', path, '--no-sensitivity', '--json', '--workers', '1', '--out', out]);
  const two = rankfleet(['plan', path, '--no-sensitivity', '--json', '--workers', '2']);
  assert.is(one.status, 0, one.stderr);
  assert.is(one.stdout, two.stdout);
  assert.is(readFileSync(join(out, 'plan.json'), 'utf8'), one.stdout);
  planResultSchema.parse(JSON.parse(one.stdout));
});

plan('takes target, SLA and arm from the command line', () => {
  const { status, stdout } = rankfleet([
    'plan',
    path,
    '--target',
    '40 kQPS',
    '--sla',
    'p95 5 ms',
    '--arm',
    'alone',
    '--no-sensitivity',
    '--json',
  ]);
  assert.is(status, 0);
  const { scenario, alternatives } = planResultSchema.parse(JSON.parse(stdout));
  assert.is(scenario.targetPerS, 40_000);
  assert.equal(scenario.sla, { percentile: 'p95', limitS: 0.005 });
  assert.equal(
    alternatives.map(({ name }) => name),
    ['alone'],
  );
});

plan('exits 3 when nothing is feasible, with what would be', () => {
  const { status, stdout } = rankfleet(['plan', path, '--sla', 'p99 1 us', '--no-sensitivity']);
  assert.is(status, 3);
  assert.match(stdout, /No alternative serves/);
  assert.match(stdout, /sla\.latency/);
});

const refused: [what: string, args: string[], message: RegExp][] = [
  ['a scenario without an SLA', [file('no-sla.yaml', 'model: dlrm-rmc1\n')], /needs an SLA/],
  ['a rate without its unit', [path, '--target', '20000'], /has no unit/],
  ['a rate of zero', [path, '--target', '0 QPS'], /above zero/],
  ['an SLA that is none', [path, '--sla', 'fast'], /percentile and a latency/],
  ['an SLA in bytes', [path, '--sla', 'p99 5 GB'], /time/],
  ['an arm that is not there', [path, '--arm', 'alon'], /did you mean 'alone'/],
  [
    'a table that the model does not have',
    [file('rows.yaml', `${small}sharding: { row_wise: [nowhere] }\n`)],
    /rows\.yaml:\d+:\d+: .*unknown table 'nowhere'/,
  ],
  [
    'an unknown field of the plan',
    [file('typo.yaml', `${small}plan: { headrom: 20 % }\n`)],
    /typo\.yaml:\d+:\d+.*did you mean 'headroom'/s,
  ],
  [
    'headroom of all there is',
    [file('all.yaml', `${small}plan: { headroom: 100 % }\n`)],
    /all\.yaml:\d+:\d+/,
  ],
  [
    'a plan inside an arm',
    [file('arm.yaml', 'model: dlrm-rmc1\narms: [{ name: a, plan: { spares: 1 } }]\n')],
    /plan holds for all arms/,
  ],
];

for (const [what, args, message] of refused) {
  plan(`refuses ${what}`, () => {
    const { status, stdout, stderr } = rankfleet(['plan', ...args, '--no-sensitivity']);
    assert.is(status, 2, `${stdout}${stderr}`);
    assert.match(stderr, message);
    assert.is(stdout, '');
  });
}

plan.after(() => rmSync(folder, { recursive: true }));

plan.run();
