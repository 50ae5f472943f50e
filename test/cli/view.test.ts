import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSubject } from '../../cli/read-subject.ts';
import { exportersOf } from '../../cli/terminal.ts';
import { Folder, smallScenario } from '../scenarios/folder.ts';
import { gridSweep } from '../sweep/designs.ts';
import { rankfleet } from './program.ts';

const view = suite('rankfleet view: without a terminal');

const folder = new Folder();
view.after(() => folder.remove());

folder.write('small-scenario.yaml', smallScenario);
folder.write('tight.yaml', `${smallScenario}sla: { percentile: p90, latency: 1 ns }\n`);
folder.write('grid.yaml', gridSweep);
folder.write(
  'plan.yaml',
  `model: small.yaml
load: { arrivals: { kind: poisson, rate: 2000 QPS }, candidates: { kind: fixed, value: 32 }, requests: 200 }
sla: { percentile: p90, latency: 20 ms }
replications: 2
plan: { precision: 20 % }
arms: [{ name: alone, sharding: { strategy: singular } }]
`,
);
const at = (name: string) => join(folder.path, name);
const run = (...args: string[]) => rankfleet(args, { cwd: folder.path });

const answers = {
  simulated: run('simulate', 'small-scenario.yaml', '--out', 'simulated'),
  missed: run('simulate', 'tight.yaml', '--out', 'missed'),
  planned: run('plan', 'plan.yaml', '--no-sensitivity', '--out', 'planned'),
  swept: run('sweep', 'grid.yaml', '--out', 'swept', '--format', 'csv'),
  'comparison.json': run('compare', 'simulated', 'simulated', '--arm-a', 'one', '--arm-b', 'two', '--json'),
};
writeFileSync(at('comparison.json'), answers['comparison.json'].stdout);

view('prints what the command printed, and ends with its code', () => {
  for (const name of ['simulated', 'missed', 'planned'] as const) {
    const { status, stdout, stderr } = run('view', name);
    assert.is(stdout, answers[name].stdout);
    assert.is(stderr, '');
    assert.is(status, answers[name].status);
  }
  assert.is(answers.missed.status, 3);
  const compared = run('compare', 'simulated', 'simulated', '--arm-a', 'one', '--arm-b', 'two');
  assert.is(run('view', 'comparison.json').stdout, compared.stdout);
});

view('prints the summary of a sweep, finished or not', () => {
  const { status, stdout } = run('view', 'swept');
  assert.is(status, answers.swept.status);
  for (const paragraph of stdout.trim().split('\n\n')) {
    assert.ok(answers.swept.stdout.includes(paragraph), paragraph);
  }
  assert.match(stdout, /^Ask: rankfleet query swept /m);
  mkdirSync(at('half'));
  writeFileSync(at('half/sweep.json'), readFileSync(at('swept/sweep.json')));
  const [first] = readFileSync(at('swept/points.ndjson'), 'utf8').split('\n');
  writeFileSync(at('half/points.ndjson'), `${first}\n`);
  assert.match(run('view', 'half').stdout, /1 of 6 points \(grid\)/);
});

view('--plain, a dumb terminal and continuous integration print the same', () => {
  const { stdout } = run('view', 'simulated');
  assert.is(run('view', 'simulated', '--plain').stdout, stdout);
  for (const env of [{ TERM: 'dumb' }, { CI: 'true' }]) {
    assert.is(rankfleet(['view', 'simulated'], { cwd: folder.path, env }).stdout, stdout);
  }
});

view('lists the answers of a folder that has several, and takes the only one', () => {
  const { status, stdout } = run('view');
  assert.is(status, 0);
  const listed = stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2));
  for (const [name, kind] of [
    ['comparison.json', 'comparison'],
    ['simulated', 'result'],
    ['planned', 'plan'],
    ['swept', 'sweep'],
  ]) {
    assert.ok(
      listed.some(([source, what]) => source === name && what === kind),
      `${name} ${kind}\n${stdout}`,
    );
  }
  mkdirSync(at('alone/inner'), { recursive: true });
  writeFileSync(at('alone/inner/result.json'), readFileSync(at('simulated/result.json')));
  assert.is(rankfleet(['view'], { cwd: at('alone') }).stdout, answers.simulated.stdout);
});

view('whole answers are exported as report writes them', async () => {
  const written = async (name: string, key: string, file: string) => {
    const exporter = exportersOf(readSubject(at(name))).find((each) => each.key === key);
    assert.ok(exporter, key);
    await exporter.write(at(file));
    return readFileSync(at(file), 'utf8');
  };
  const json = async (name: string) => JSON.parse(await written(name, 'json', 'exported.json'));
  for (const [name, file] of [
    ['simulated', 'simulated/result.json'],
    ['planned', 'planned/plan.json'],
    ['comparison.json', 'comparison.json'],
  ]) {
    assert.is(await written(name, 'text', 'exported.txt'), run('view', name).stdout);
    assert.equal(await json(name), JSON.parse(readFileSync(at(file), 'utf8')));
    for (const [key, option] of [
      ['html', '--html'],
      ['markdown', '--markdown'],
      ['csv', '--csv'],
    ]) {
      const text = await written(name, key, 'exported');
      assert.is(run('report', name, option, 'reported').status, 0);
      const reported = readFileSync(at('reported'), 'utf8');
      // The commands name their subjects by other paths.
      assert.is(text.replaceAll(at(name), name), reported, `${name} ${key}`);
    }
  }
  assert.is((await json('swept')).points.length, 6);
  const failed = await written('swept', 'json', 'nowhere/exported.json').catch((error: Error) => error);
  assert.match((failed as Error).message, /cannot be written/);
});

view('says what is wrong with what is no answer', () => {
  mkdirSync(at('empty'));
  folder.write('cut.json', readFileSync(at('simulated/result.json'), 'utf8').slice(0, 500));
  for (const [source, words] of [
    ['nowhere', /nowhere: no such file or folder/],
    ['empty', /empty: the folder has no result\.json/],
    ['cut.json', /is not whole JSON/],
    ['small-scenario.yaml', /is no answer of rankfleet/],
  ] as const) {
    const { status, stdout, stderr } = run('view', source);
    assert.is(status, 2, source);
    assert.is(stdout, '');
    assert.match(stderr, words);
  }
});

view('--watch is an ordinary run where there is no terminal, and refused beside --json', () => {
  const watched = run('simulate', 'small-scenario.yaml', '--watch', '--out', 'watched');
  assert.is(watched.stdout, answers.simulated.stdout);
  assert.is(watched.stderr, '');
  assert.is(
    readFileSync(at('watched/result.json'), 'utf8'),
    readFileSync(at('simulated/result.json'), 'utf8'),
  );
  const swept = run('sweep', 'grid.yaml', '--watch', '--out', 'watched-sweep', '--format', 'csv');
  assert.is(swept.stdout, answers.swept.stdout.replaceAll('swept', 'watched-sweep'));
  for (const args of [
    ['simulate', 'small-scenario.yaml', '--watch', '--json', '--out', 'refused'],
    ['sweep', 'grid.yaml', '--watch', '--json', '--out', 'refused'],
    ['sweep', 'grid.yaml', '--watch', '--merge', '--out', 'swept'],
  ]) {
    const { status, stderr } = run(...args);
    assert.is(status, 2, args.join(' '));
    assert.match(stderr, /--watch/);
  }
  assert.throws(() => readFileSync(at('refused/result.json')));
});

view('what draws is not loaded where nothing is drawn', () => {
  const env = { NODE_V8_COVERAGE: at('coverage') };
  rankfleet(['view', 'simulated'], { cwd: folder.path, env });
  const loaded = readdirSync(at('coverage')).flatMap((name) =>
    (JSON.parse(readFileSync(at(`coverage/${name}`), 'utf8')) as { result: { url: string }[] }).result.map(
      ({ url }) => url,
    ),
  );
  assert.ok(loaded.some((url) => url.includes('/dist/bundle/')));
  assert.equal(
    loaded.filter((url) => /node_modules\/(ink|react)\//.test(url)),
    [],
  );
});

view.run();
