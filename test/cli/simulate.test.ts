import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Result, resultSchema } from '../../sim/result.ts';
import { Folder, smallScenario } from '../scenarios/folder.ts';
import { rankfleet } from './program.ts';

const simulating = suite('rankfleet simulate');

const folder = new Folder();
folder.write('ok.yaml', smallScenario);
simulating.after(() => folder.remove());

const run = (...args: string[]) => rankfleet(['simulate', ...args], { cwd: folder.path });

function resultOf(...args: string[]): Result {
  const { status, stdout, stderr } = run(...args, '--json');
  assert.is(stderr, '');
  assert.is(status, 0);
  return resultSchema.parse(JSON.parse(stdout));
}

simulating('prints tables to stdout, and nothing to stderr when that is no terminal', () => {
  const { status, stdout, stderr } = run('ok.yaml');
  assert.is(status, 0);
  assert.is(stderr, '');
  for (const part of ['What does sharding cost?', 'p50', 'p99', 'one', 'two', 'seed 1', 'Defaults assumed']) {
    assert.ok(stdout.includes(part), part);
  }
  assert.ok(!stdout.includes('\x1b'), 'no colours in a pipe');
  assert.ok(!/NaN|undefined|Infinity/.test(stdout));
});

simulating('--out writes a result that its schema accepts; --json prints the same', () => {
  const { status, stdout } = run('ok.yaml', '--out', 'results/deep', '--json');
  assert.is(status, 0);
  const written = readFileSync(join(folder.path, 'results/deep/result.json'), 'utf8');
  assert.is(written, stdout);
  const result = resultSchema.parse(JSON.parse(written));
  assert.equal(
    result.arms.map(({ name }) => name),
    ['one', 'two'],
  );
  assert.equal(readdirSync(join(folder.path, 'results/deep')).sort(), [
    'placements',
    'result.json',
    'scenario.json',
  ]);
});

simulating('a placement that was written can be fed back, and gives the same answer', () => {
  assert.is(run('ok.yaml', '--out', 'placed').status, 0);
  const sharding = '{ strategy: capacity-balanced, shards: 2 }';
  folder.write('again.yaml', smallScenario.replace(sharding, '{ placement: placed/placements/two.json }'));
  const measured = ({ arms }: Result) => arms.map((arm) => [arm.name, arm.measured, arm.shards]);
  assert.equal(measured(resultOf('again.yaml')), measured(resultOf('ok.yaml')));
});

simulating('arms of similar names have placements of their own', () => {
  const arms = ['a b', 'a-b', 'A/B', 'ü', 'ö'].map(
    (name) => `  - { name: ${name}, sharding: { shards: 2 } }`,
  );
  folder.write(
    'names.yaml',
    `model: small.yaml\nload: { requests: 5 }\nreplications: 1\narms:\n${arms.join('\n')}\n`,
  );
  assert.is(run('names.yaml', '--out', 'names').status, 0);
  assert.equal(
    readdirSync(join(folder.path, 'names/placements')).sort(),
    ['A-B-3.json', 'a-b-2.json', 'a-b.json', 'arm-2.json', 'arm.json'].sort(),
  );
});

simulating('--seed changes what is drawn, and --replications how often', () => {
  const usual = resultOf('ok.yaml');
  const other = resultOf('ok.yaml', '--seed', '2');
  assert.is(usual.fingerprint.seed, 1);
  assert.is(other.fingerprint.seed, 2);
  assert.not.equal(other.arms[1].measured!.latencyS, usual.arms[1].measured!.latencyS);
  const more = resultOf('ok.yaml', '--replications', '5');
  assert.is(more.arms[0].measured!.replications, 5);
  assert.is(more.scenario.replications, 5);
});

simulating('--arm keeps that arm and the baseline, with the same numbers', () => {
  const all = resultOf('ok.yaml');
  const one = resultOf('ok.yaml', '--arm', 'two');
  assert.equal(one.arms, all.arms);
  assert.equal(
    resultOf('ok.yaml', '--arm', 'one').arms.map(({ name }) => name),
    ['one'],
  );
});

simulating('threads, language and time zone do not change a byte', () => {
  const usual = run('ok.yaml', '--json', '--workers', '1').stdout;
  assert.is(run('ok.yaml', '--json', '--workers', '2').stdout, usual);
  const report = run('ok.yaml').stdout;
  for (const env of [
    { LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' },
    { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
    { LC_ALL: 'C' },
    { TZ: 'Asia/Kolkata' },
  ]) {
    const there = rankfleet(['simulate', 'ok.yaml'], { cwd: folder.path, env });
    assert.is(there.stdout, report, JSON.stringify(env));
  }
});

simulating('what does not fit says by how much and what helps; other arms are answered; exit 3', () => {
  const arms =
    '  - { name: narrow, sharding: { strategy: one-shard }, fleet: { sparse: { host: sc-small } } }\n';
  folder.write(
    'large.yaml',
    `model: drm1-like\nload: { requests: 5 }\nreplications: 1\narms:\n  - { name: wide, sharding: { shards: 2 } }\n${arms}`,
  );
  const { status, stdout, stderr } = run('large.yaml');
  assert.is(status, 3);
  assert.is(stderr, '');
  assert.match(stdout, /narrow DOES NOT FIT/);
  assert.match(stdout, /[\d.]+ GB missing/);
  assert.match(stdout, /^ {2}1\. .*\n {2}2\. /m);
  const result = resultSchema.parse(JSON.parse(run('large.yaml', '--json').stdout));
  assert.ok(result.arms[0].measured, 'the arm that fits is measured');
  assert.is(result.arms[1].verdict.state, 'DOES NOT FIT');
});

simulating('exit 0 when an arm surely meets the SLA, 3 when none does', () => {
  const steady = smallScenario
    .replace('requests: 40', 'requests: 400')
    .replace('baseline: one', 'baseline: one\nsla: { percentile: p50, latency: 1 s }');
  folder.write('met.yaml', steady);
  folder.write('missed.yaml', steady.replace('latency: 1 s', 'latency: 1 us'));
  assert.is(run('met.yaml').status, 0);
  const missed = run('missed.yaml');
  assert.is(missed.status, 3);
  assert.match(missed.stdout, /No arm surely meets p50 ≤ 1.00 µs/);
});

simulating('an old folder of results is no obstacle to a scenario of its name', () => {
  assert.is(run('ok.yaml', '--out', 'scale-out').status, 0);
  assert.is(run('scale-out', '--replications', '1', '--arm', 'singular').status, 0);
});

simulating.run();

const refused = suite('rankfleet simulate: bad input');

/** Bad input in each of its forms; nothing may be written for any. */
const bad: Record<string, [text: string, problem: RegExp]> = {
  'an unknown key': [
    'model: small.yaml\nsead: 1\n',
    /^bad\.yaml:2:7: sead: unknown key 'sead' \(did you mean 'seed'\?\)\n$/,
  ],
  'a wrong unit': [
    'model: small.yaml\nserving: { net_overhead: 30 msec }\n',
    /^bad\.yaml:2:26: serving\.net_overhead: /,
  ],
  'a missing model': ['seed: 1\n', /^bad\.yaml:1:1: model: required/],
  'a table that is not there': [
    'model: small.yaml\nsharding: { row_wise: [zz] }\n',
    /^bad\.yaml:2:\d+: sharding/,
  ],
  'no YAML': ['model: [\n', /^bad\.yaml:\d:\d: /],
  'a value that contains itself': [
    'model: &m [*m]\n',
    /^bad\.yaml:1:12: model\[0\]: this value contains itself/,
  ],
};

for (const [title, [text, problem]] of Object.entries(bad)) {
  refused(`${title}: exit 2, its place on stderr, nothing written`, () => {
    const own = new Folder();
    own.write('bad.yaml', text);
    const { status, stdout, stderr } = rankfleet(['simulate', 'bad.yaml', '--out', 'out'], { cwd: own.path });
    const isWritten = existsSync(join(own.path, 'out'));
    own.remove();
    assert.is(status, 2, stderr);
    assert.is(stdout, '');
    assert.match(stderr, problem);
    assert.ok(!stderr.includes('    at '), 'no stack trace');
    assert.ok(!isWritten, 'nothing is written');
  });
}

refused('--out that cannot be a folder is refused before anything is simulated', () => {
  const own = new Folder();
  own.write('ok.yaml', smallScenario);
  writeFileSync(join(own.path, 'file'), '');
  const out = (name: string) => rankfleet(['simulate', 'ok.yaml', '--out', name], { cwd: own.path });
  const answers = [out('file'), out('file/below'), out('')];
  own.remove();
  for (const { status, stdout, stderr } of answers) {
    assert.is(status, 2);
    assert.is(stdout, '');
    assert.match(stderr, /^--out/);
  }
});

refused.run();
