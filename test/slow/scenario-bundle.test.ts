// time-limit: 300 s
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot, readTextFile } from '../../foundation/files.ts';
import { scenarioBundleSchema } from '../../sweep/scenario-bundle.ts';
import { rankfleet } from '../cli/program.ts';
import { Folder, smallModel } from '../scenarios/folder.ts';

const bundles = suite('scenario.json');

const folder = new Folder();
bundles.after(() => folder.remove());

const run = (cwd: string, ...args: string[]) => rankfleet(args, { cwd: join(folder.path, cwd) });
const textIn = (name: string) => readFileSync(join(folder.path, name), 'utf8');

/** A file of the catalogue under another name. */
function renamed(path: string, name: string): string {
  return readTextFile(join(packageRoot, 'hardware-profiles/catalogue', path)).replace(
    /^name: .*$/m,
    `name: ${name}`,
  );
}

/** A scenario that names a file of its own wherever it can, spread over folders, and a stock of what no arm uses. */
function writeUserFiles(): void {
  const hosts = ['main', 'sparse', 'front', 'spare'];
  for (const name of hosts)
    folder.write(`user/hw/${name}.yaml`, renamed('hosts/sc-large.yaml', `my-${name}`));
  folder.write('user/hw/network.yaml', renamed('networks/datacentre-tcp.yaml', 'my-network'));
  folder.write('user/base/small.yaml', smallModel);
  folder.write('user/base/trace.csv', 'timestamp_ms,candidates\n0,10\n50,20\n90,64\n200,100\n');
  folder.write(
    'user/base/base.yaml',
    `question: Whose files?
model: small.yaml
load: { arrivals: { kind: poisson, rate: 20 QPS }, candidates: { kind: fixed, value: 64 }, requests: 40 }
fleet:
  main: { host: ../hw/main.yaml, workers: 4 }
  sparse: { host: ../hw/sparse.yaml }
  network: ../hw/network.yaml
replications: 2
`,
  );
  folder.write(
    'user/mine.yaml',
    `extends: base/base.yaml
plan: { target: 20 QPS, stock: { hw/spare.yaml: 3 } }
arms:
  - { name: one, sharding: { strategy: singular } }
  - { name: two, sharding: { shards: 2 } }
`,
  );
}

bundles('holds all that user files say, and gives the same result without them, byte for byte', () => {
  writeUserFiles();
  assert.is(run('.', 'simulate', 'user/mine.yaml', '--out', 'first').status, 0);
  folder.write('user/placed.json', textIn('first/placements/two.json'));
  const arms = `  - { name: placed, sharding: { placement: placed.json } }
  - { name: replayed, sharding: { shards: 2 }, load: { arrivals: { kind: trace, file: base/trace.csv } } }
`;
  folder.write('user/all.yaml', textIn('user/mine.yaml') + arms);
  const options = ['--seed', '5', '--replications', '3', '--arm', 'placed', '--arm', 'replayed'];
  const asked = run('.', 'simulate', 'user/all.yaml', ...options, '--out', 'kept');
  assert.is(asked.status, 0, asked.stderr);
  const bundle = scenarioBundleSchema.parse(JSON.parse(textIn('kept/scenario.json')));
  assert.equal(bundle.options, { seed: 5, replications: 3, arm: ['placed', 'replayed'] });
  assert.equal(Object.keys(bundle.files.models), ['small.yaml']);
  assert.equal(Object.keys(bundle.files.hosts).sort(), ['../hw/main.yaml', '../hw/sparse.yaml']);
  assert.equal(Object.keys(bundle.files.traces), ['base/trace.csv']);
  renameSync(join(folder.path, 'user'), join(folder.path, 'gone'));
  mkdirSync(join(folder.path, 'elsewhere'));
  const again = run('elsewhere', 'simulate', '../kept/scenario.json', '--out', 'again');
  assert.is(again.status, 0, again.stderr);
  assert.is(again.stdout, asked.stdout);
  for (const file of ['result.json', 'scenario.json', 'placements/placed.json']) {
    assert.is(textIn(`elsewhere/again/${file}`), textIn(`kept/${file}`), file);
  }
  const compared = run('elsewhere', 'compare', '../kept/scenario.json', '../kept', '--arm', 'placed');
  assert.match(compared.stdout, /^No difference/);
  renameSync(join(folder.path, 'gone'), join(folder.path, 'user'));
});

bundles('takes options as its scenario does, over those that were kept', () => {
  const other = run('.', 'simulate', 'kept/scenario.json', '--seed', '6', '--out', 'other');
  assert.is(other.status, 0, other.stderr);
  assert.equal(JSON.parse(textIn('other/scenario.json')).options.seed, 6);
  assert.is(
    other.stdout,
    run(
      '.',
      'simulate',
      'user/all.yaml',
      '--seed',
      '6',
      '--replications',
      '3',
      '--arm',
      'placed',
      '--arm',
      'replayed',
    ).stdout,
  );
  const unknown = run('.', 'simulate', 'kept/scenario.json', '--arm', 'two');
  assert.is(unknown.status, 2);
  assert.match(unknown.stderr, /no arm is called 'two'.*arms: one, placed, replayed/);
});

bundles('holds a host in front of the main ones, and is small where the product brings all', () => {
  const tier = { hosts: 'hw/front.yaml', scenario: 'missing-kernel' };
  folder.write(
    'user/front.yaml',
    `extends: ${tier.scenario}\nload: { requests: 20 }\nreplications: 1\nfleet: { preprocessing: { host: ${tier.hosts} } }\n`,
  );
  const front = run('user', 'simulate', 'front.yaml', '--out', '../front');
  assert.is(front.status, 0, front.stderr);
  const { files } = scenarioBundleSchema.parse(JSON.parse(textIn('front/scenario.json')));
  assert.equal(Object.keys(files.hosts), [tier.hosts]);
  assert.is(run('.', 'simulate', 'front/scenario.json').stdout, front.stdout);
  assert.is(run('.', 'simulate', 'gpu-serving', '--replications', '1', '--out', 'library').status, 0);
  assert.ok(
    textIn('library/scenario.json').length < 5000,
    'measurements of the catalogue stay where they are',
  );
});

bundles('is left out, with a note, where one name means two files', () => {
  folder.write('user/twice/small.yaml', smallModel.replace('name: small', 'name: other'));
  folder.write(
    'user/twice/mine.yaml',
    'extends: ../base/base.yaml\narms:\n  - { name: one }\n  - { name: other, model: small.yaml }\n',
  );
  const { status, stderr } = run('.', 'simulate', 'user/twice/mine.yaml', '--out', 'first');
  assert.is(status, 0, stderr);
  assert.match(stderr, /^no scenario\.json is kept beside the result: .*'small\.yaml' is another file/);
  assert.throws(() => textIn('first/scenario.json'), 'that of the result before it is gone, too');
  const trace = run('.', 'report', 'first', '--trace', 'x.json');
  assert.is(trace.status, 2);
  assert.match(trace.stderr, /there is no first\/scenario\.json/);
});

bundles.run();
