// time-limit: 300 s
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareCommand } from '../../cli/compare.ts';
import type { CompareOptions } from '../../cli/compare-options.ts';
import { InputError } from '../../foundation/problem.ts';
import { loadScenario } from '../../scenarios/files.ts';
import { comparisonSchema } from '../../sim/compare/comparison-result.ts';
import { runScenario } from '../../sim/run.ts';
import { rankfleet } from '../cli/program.ts';
import { Folder, smallScenario } from '../scenarios/folder.ts';

const comparing = suite('rankfleet compare');

const folder = new Folder();
folder.write('a.yaml', smallScenario);
folder.write('b.yaml', smallScenario.replace('batch_size: 32', 'batch_size: 16'));
comparing.after(() => folder.remove());

const run = (...args: string[]) => rankfleet(['compare', ...args], { cwd: folder.path });

comparing('--json is what its schema says, the same from any number of threads', () => {
  const { status, stdout, stderr } = run('a.yaml', 'b.yaml', '--json', '--workers', '1');
  assert.is(status, 0, stderr);
  assert.is(stderr, '');
  const comparison = comparisonSchema.parse(JSON.parse(stdout));
  assert.equal(
    comparison.pairs.map(({ a, b }) => [a.name, b.name]),
    [
      ['one', 'one'],
      ['two', 'two'],
    ],
  );
  assert.equal(
    comparison.pairs[0].inputs.map(({ path, a, b }) => [path, a, b]),
    [['serving.batch_size', '32', '16']],
  );
  assert.is(run('a.yaml', 'b.yaml', '--json', '--workers', '2').stdout, stdout);
  const schema = JSON.parse(rankfleet(['schema', 'comparison']).stdout);
  assert.is(schema.if.properties.format.const, 'rankfleet-distillation-comparison');
  assert.is(schema.else.properties.format.const, 'rankfleet-comparison');
});

comparing('a folder of results, its file and the scenario are the same side', () => {
  assert.is(rankfleet(['simulate', 'a.yaml', '--out', 'kept'], { cwd: folder.path }).status, 0);
  for (const side of ['kept', 'kept/result.json', './kept/']) {
    const { stdout, status } = run('a.yaml', side, '--arm', 'two');
    assert.is(status, 0);
    assert.match(stdout, /^No difference/);
  }
});

comparing('a result of an earlier version, which holds no operators and no rooflines, is read as any', () => {
  assert.is(rankfleet(['simulate', 'b.yaml', '--out', 'whole'], { cwd: folder.path }).status, 0);
  const { operators, rooflines, ...earlier } = JSON.parse(
    readFileSync(join(folder.path, 'whole/result.json'), 'utf8'),
  );
  assert.ok(operators.length > 0 && Object.keys(rooflines).length > 0);
  folder.write('earlier/result.json', JSON.stringify(earlier));
  const [now, then] = ['whole', 'earlier'].map((side) => run('a.yaml', side, '--json', '--no-attribution'));
  assert.is(then.status, 0, then.stderr);
  assert.is(then.stdout.replaceAll('earlier', 'whole'), now.stdout);
});

comparing('a folder that is called as a scenario of the library is no obstacle', () => {
  mkdirSync(join(folder.path, 'scale-out'), { recursive: true });
  const { status } = run(
    'scale-out',
    'a.yaml',
    '--arm-a',
    'singular',
    '--arm-b',
    'one',
    '--replications',
    '1',
    '--no-attribution',
  );
  assert.is(status, 0);
});

comparing('--out keeps what --json prints', () => {
  const { status, stdout } = run('a.yaml', 'b.yaml', '--out', 'deep/compared', '--json');
  assert.is(status, 0);
  assert.is(readFileSync(join(folder.path, 'deep/compared/comparison.json'), 'utf8'), stdout);
  const blocked = run('a.yaml', 'b.yaml', '--out', 'a.yaml');
  assert.is(blocked.status, 2);
  assert.match(blocked.stderr, /^--out a\.yaml: .* is not a folder/);
  assert.is(blocked.stdout, '');
});

comparing('one replication: differences without intervals, said so', () => {
  const { stdout, status } = run('a.yaml', 'b.yaml', '--arm', 'one', '--replications', '1');
  assert.is(status, 0);
  assert.match(stdout, /without an\s+interval/);
  assert.ok(!/±\d|NaN/.test(stdout), stdout);
});

comparing('what does not fit is told with its remedies; exit 0, since that was the question', () => {
  const large = 'model: drm1-like\nload: { requests: 5 }\nreplications: 2\n';
  folder.write('fits.yaml', `${large}sharding: { shards: 2 }\n`);
  folder.write('narrow.yaml', `${large}sharding: { shards: 2 }\nfleet: { sparse: { host: sc-small } }\n`);
  const { stdout, status } = run('fits.yaml', 'narrow.yaml');
  assert.is(status, 0);
  assert.match(stdout, /^The latencies of A and B cannot be compared\. B \(scenario\) DOES NOT FIT/);
  assert.match(stdout, /^ {2}1\. .*\n {2}2\. /m);
});

comparing.run();

const refused = suite('rankfleet compare: bad input');

const own = new Folder();
const sane = own.write('a.yaml', smallScenario);
const simulated = JSON.stringify(await runScenario(await loadScenario(sane), 'test'), null, 2);
refused.after(() => own.remove());

/** What the command says of two sides that it cannot compare; paths are shown from the folder. */
async function refusal(a: string, b: string, options: Partial<CompareOptions> = {}): Promise<string> {
  try {
    await compareCommand(a, b, { arm: [], attribution: true, ...options });
  } catch (error) {
    assert.instance(error, InputError);
    return (error as Error).message.replaceAll(`${own.path}/`, '');
  }
  return assert.unreachable('nothing was refused') as never;
}

const edited = (change: (result: Record<string, never>) => void) => {
  const result = JSON.parse(simulated);
  change(result);
  return JSON.stringify(result);
};

/** Files that are no side of a comparison, with what is said of each. */
const bad: Record<string, [name: string, text: string, problem: RegExp]> = {
  'a result of another version': [
    'v2.json',
    edited((r) => Object.assign(r, { version: 2 })),
    /^v2\.json: is a result of version 2; this rankfleet reads version 1/,
  ],
  'another format of this program': [
    'c.json',
    '{"format":"rankfleet-comparison","version":1}',
    /is a file of format 'rankfleet-comparison'/,
  ],
  'a result that was cut short': ['cut.json', simulated.slice(0, 2000), /^cut\.json: is not whole JSON/],
  'a result without its arms': [
    'none.json',
    edited((r) => Object.assign(r, { arms: [] })),
    /is a result without arms/,
  ],
  'a result with a wrong field': [
    'wrong.json',
    edited((r) => Object.assign(r, { arms: 3 })),
    /^wrong\.json:1:\d+: arms: expected a list, got 3/,
  ],
  'a result that does not say what was asked': [
    'empty.json',
    edited((r) => Object.assign(r.scenario, { hosts: {} })),
    /^empty\.json: scenario: host 'sc-large' of arm 'one' is not as rankfleet writes it/,
  ],
  'JSON of someone else': [
    'foreign.json',
    '{"name":"x","rate":3}',
    /^foreign\.json:1:\d+: rate: unknown key 'rate'/,
  ],
  'a list': ['list.json', '[1]', /expected a scenario, got a list/],
  'what claims no format': ['plain.json', '{"fingerprint":{}}', /has no format: rankfleet-result/],
};

for (const [title, [name, text, problem]] of Object.entries(bad)) {
  refused(`${title} is told where it is wrong`, async () => {
    assert.match(await refusal(sane, own.write(name, text)), problem);
  });
}

refused('names and options that fit nothing', async () => {
  const kept = own.write('kept/result.json', simulated);
  const hollow = join(own.path, 'hollow');
  mkdirSync(hollow);
  assert.match(await refusal(sane, hollow), /^hollow: the folder has no result\.json/);
  assert.match(await refusal(sane, 'nowhere'), /no scenario 'nowhere'/);
  assert.match(await refusal(sane, join(own.path, 'nowhere/result.json')), /no such file/);
  assert.match(await refusal(sane, sane, { arm: ['tow'] }), /no arm 'tow' \(did you mean 'two'\?\)/);
  assert.match(await refusal(kept, kept, { seed: 4 }), /--seed and --replications: both sides are results/);
});

refused('exit 2, nothing on stdout and no stack trace', () => {
  own.write('cut.json', simulated.slice(0, 2000));
  for (const [args, problem] of [
    [['a.yaml', 'cut.json'], /^cut\.json: is not whole JSON/],
    [['a.yaml'], /missing required argument 'b'/],
    [['a.yaml', 'a.yaml', '--replications', '0'], /expected a whole number from 1/],
  ] as const) {
    const { status, stdout, stderr } = rankfleet(['compare', ...args], { cwd: own.path });
    assert.is(status, 2, stderr);
    assert.is(stdout, '');
    assert.match(stderr, problem);
    assert.ok(!stderr.includes('    at '), stderr);
  }
});

refused.run();
