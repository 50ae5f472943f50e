// time-limit: 300 s
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ReportOptions, report } from '../../cli/report.ts';
import { packageRoot } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import { tableNames } from '../../reports/files/tables.ts';
import { scenarioDocument } from '../../scenarios/files.ts';
import { importDuckDb } from '../../sweep/duckdb.ts';
import { Answers, answerNames } from '../reports/answers.ts';

const answers = new Answers();
const at = (name: string) => join(answers.path, name);
const textIn = (name: string) => readFileSync(at(name), 'utf8');

/** Runs a report that must succeed; gives what it printed. */
function reported(...args: string[]): { stdout: string; stderr: string } {
  const { status, stdout, stderr } = answers.report(...args);
  assert.is(status, 0, stderr);
  return { stdout, stderr };
}

const reporting = suite('rankfleet report');
reporting.after(() => answers.remove());

reporting('without an option prints what the command of the subject printed', () => {
  const commands: Record<string, string[]> = {
    result: ['simulate', 'result.yaml'],
    comparison: ['compare', 'result.yaml', 'other.yaml'],
  };
  for (const [name, command] of Object.entries(commands)) {
    const { stdout, stderr } = reported(name);
    assert.is(stdout, answers.run(...command).stdout);
    assert.is(stderr, '');
  }
  assert.match(reported('plan').stdout, /^What to buy\?\n\n20 000 requests\/s/);
  assert.match(reported('sweep').stdout, /^grid: 6 points \(grid\) [\s\S]*Ask: rankfleet query sweep /);
});

reporting('writes every format whole, and says so on stderr, a line for each file', () => {
  for (const name of answerNames) {
    const files = { html: 'page.html', markdown: 'answer.md', csv: 'table.csv', json: 'whole.json' };
    const options = Object.entries(files).flatMap(([format, file]) => [`--${format}`, `${name}-out/${file}`]);
    const { stdout, stderr } = reported(name, ...options, '--svg', `${name}-out/charts`);
    assert.is(stdout, '');
    const charts = readdirSync(at(`${name}-out/charts`)).map((file) => `charts/${file}`);
    const lines = stderr.trimEnd().split('\n');
    assert.equal(
      lines.map((line) => /^wrote (\S+) \([\d.]+ k?B(, \d+ rows?)?\)$/.exec(line)?.[1]).sort(),
      [...Object.values(files), ...charts].map((file) => `${name}-out/${file}`).sort(),
    );
    for (const chart of charts) {
      assert.match(textIn(`${name}-out/${chart}`), /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    }
    assert.match(textIn(`${name}-out/page.html`), /^<!doctype html>/);
    const markdown = textIn(`${name}-out/answer.md`);
    for (const chart of charts) assert.ok(markdown.includes(`](${chart})`), chart);
  }
  for (const [format, file] of [
    ['csv', 'table.csv'],
    ['html', 'page.html'],
  ]) {
    assert.is(reported('result', `--${format}`, '-').stdout, textIn(`result-out/${file}`), format);
  }
});

reporting('--json is the file of the answer, byte for byte, and what it writes is a subject again', () => {
  for (const file of ['result/result.json', 'plan/plan.json', 'comparison/comparison.json']) {
    assert.is(reported(file.split('/')[0], '--json', '-').stdout, textIn(file));
    assert.is(reported(file, '--json', '-').stdout, textIn(file));
  }
  const whole = reported('sweep', '--json', '-').stdout;
  answers.folder.write('whole-sweep.json', whole);
  assert.is(JSON.parse(whole).format, 'rankfleet-sweep-result');
  assert.is(reported('whole-sweep.json', '--json', '-').stdout, whole);
  assert.is(reported('whole-sweep.json', '--csv', '-').stdout, textIn('sweep/results.csv'));
});

reporting('a scenario is simulated first, with the options and the exit code of simulate', () => {
  const options = ['--seed', '7', '--replications', '2', '--arm', 'one', '--workers', '1'];
  const simulated = answers.run('simulate', 'result.yaml', ...options, '--json');
  assert.is(reported('result.yaml', ...options, '--json', '-').stdout, simulated.stdout);
  assert.is(
    reported('result.yaml', ...options).stdout,
    answers.run('simulate', 'result.yaml', ...options).stdout,
  );
  const strict = answers.folder.write(
    'strict.yaml',
    textIn('result.yaml').replace('latency: 5 ms', 'latency: 1 us'),
  );
  const missed = answers.report(strict, '--csv', 'strict.csv');
  assert.is(missed.status, 3);
  assert.match(missed.stderr, /^wrote strict\.csv/);
  assert.is(answers.run('simulate', strict, '--out', 'missed').status, 3);
  assert.is(answers.report('missed').status, 0);
});

reporting('--table chooses what --csv writes, for each name that help lists', () => {
  const help = answers.report('--help').stdout.replace(/\s+/g, ' ');
  for (const [kind, names] of Object.entries(tableNames)) {
    const start = help.indexOf(` ${kind} ${names[0]}`);
    assert.ok(start > 0, `help lists the tables of a ${kind}`);
    for (const name of names) assert.ok(help.slice(start).includes(name), name);
  }
  for (const name of ['percentiles', 'shards', 'defaults']) {
    const { stdout } = reported('result', '--csv', '-', '--table', name);
    assert.ok(stdout.split('\n').length > 2, stdout);
  }
  // Nothing is cached here: the head alone.
  assert.is(reported('result', '--csv', '-', '--table', 'cache').stdout, 'arm,cache_bytes,hit_share\n');
});

const withDuckDb = (await importDuckDb())
  ? reporting
  : (name: string, _: unknown) => console.log(`skipped: ${name}: DuckDB is not installed`);

withDuckDb('--parquet writes a file that the query engine of a sweep could have written', () => {
  const { stderr } = reported('result', '--parquet', 'arms.parquet');
  assert.match(stderr, /^wrote arms\.parquet \([\d.]+ kB, 2 rows\)\n$/);
  assert.is(readFileSync(at('arms.parquet')).subarray(0, 4).toString(), 'PAR1');
  const printed = answers.run('report', 'result', '--parquet', '-', '--table', 'shards');
  assert.is(printed.status, 0);
  assert.match(printed.stdout, /^PAR1/);
});

reporting('--trace simulates again from the folder alone', () => {
  const { stderr } = reported('result', '--trace', 'stored.json');
  assert.match(stderr, /^wrote stored\.json/);
  assert.is(answers.run('simulate', 'result.yaml', '--trace', 'direct.json').status, 0);
  assert.is(textIn('stored.json'), textIn('direct.json'));
  assert.is(reported('result/result.json', '--trace', '-').stdout, textIn('direct.json'));
  assert.is(reported('result.yaml', '--trace', 'asked.json').stderr.split('\n').length, 2);
  assert.is(textIn('asked.json'), textIn('direct.json'));
});

reporting('an unfinished sweep is reported as far as it is, and said to be so', () => {
  mkdirSync(at('unfinished'));
  // Points stand there as they became ready.
  const lines = textIn('sweep/points.ndjson')
    .split('\n')
    .filter((line) => /^\{"index":[0-3],/.test(line));
  writeFileSync(at('unfinished/points.ndjson'), `${lines.join('\n')}\n{"index":4,"key`);
  writeFileSync(at('unfinished/sweep.json'), textIn('sweep/sweep.json'));
  const { stdout, stderr } = reported('unfinished', '--csv', '-');
  assert.is(stderr, 'unfinished sweep: 4 of 6 points so far\n');
  const whole = textIn('sweep/results.csv').split('\n');
  assert.equal(stdout.split('\n'), [...whole.slice(0, 5), '']);
  const told = '2 points of 6 are missing: the sweep is not finished.';
  assert.ok(reported('unfinished').stdout.includes(told));
  const [, answer] = reported('unfinished', '--markdown', '-').stdout.split('\n\n');
  assert.ok(answer.startsWith(told), answer);
});

/** Set to rewrite the files after a change that is meant to move them. */
const isUpdating = process.env.RANKFLEET_UPDATE_GOLDEN === '1';

reporting('small answers are written as ever', () => {
  for (const name of answerNames) {
    const files = [`report-${name}.md`, `report-${name}.csv`];
    reported(name, '--markdown', files[0], '--csv', files[1]);
    for (const file of files) {
      const golden = join(packageRoot, 'test/golden', file);
      if (isUpdating) writeFileSync(golden, textIn(file));
      assert.ok(existsSync(golden), `no golden file ${file}`);
      assert.is(textIn(file), readFileSync(golden, 'utf8'), `${file} is otherwise`);
    }
  }
});

reporting.run();

const refused = suite('rankfleet report: bad input');
const own = new Answers(['result', 'plan', 'sweep']);
refused.after(() => own.remove());

// Names are as a user in that folder would write them.
process.chdir(own.path);

/** What a report says that it refuses; nothing may be written. */
async function refusal(subject: string, options: Partial<ReportOptions>): Promise<string> {
  const before = filesBelow('.');
  const what = `${subject} ${JSON.stringify(options)}`;
  let message = '';
  try {
    await report(subject, { arm: [], ...options });
  } catch (error) {
    assert.instance(error, InputError, `${what}: ${error}`);
    message = (error as Error).message;
  }
  assert.is.not(message, '', `${what} was not refused`);
  assert.equal(filesBelow('.'), before, `${what} leaves files`);
  return message;
}

function filesBelow(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).sort();
}

refused('where to write is checked before the subject is read', async () => {
  mkdirSync('dir');
  symlinkSync('dir', 'link');
  const bad: [Partial<ReportOptions>, RegExp][] = [
    [{ csv: '' }, /^--csv: expected a file, got an empty name/],
    [{ csv: 'dir' }, /^--csv dir: is a folder; expected a file/],
    [{ csv: 'new/' }, /^--csv new\/: is the name of a folder/],
    [{ csv: '/dev/null' }, /^--csv \/dev\/null: is not a file/],
    [{ csv: 'result.yaml/x.csv' }, /^--csv result\.yaml: .*result\.yaml is not a folder/],
    [{ csv: `${'x'.repeat(300)}.csv` }, /the name is too long/],
    [{ svg: 'result.yaml' }, /^--svg result\.yaml: .* is not a folder/],
    [{ svg: '-' }, /^--svg -: expected a folder/],
    [{ csv: 'a.csv', json: 'a.csv' }, /^--csv and --json name the same file, a\.csv/],
    [{ csv: 'dir/a', json: './link/../link/a' }, /^--csv and --json name the same file/],
    [{ csv: 'dir/a', html: join(own.path, 'dir/a') }, /^--html and --csv name the same file/],
    [{ svg: 'out', json: 'out' }, /^--json and --svg name the same file, out/],
    [{ csv: '-', json: '-' }, /^--csv and --json: only one of them can write to stdout/],
  ];
  for (const [options, problem] of bad) assert.match(await refusal('no-such-subject', options), problem);
});

refused('what belongs to the subject is not written over', async () => {
  const bad: [string, Partial<ReportOptions>, RegExp][] = [
    ['result', { json: 'result/result.json' }, /belongs to what is reported on/],
    ['result', { csv: 'result/scenario.json' }, /belongs to what is reported on/],
    ['result/result.json', { csv: 'result/scenario.json' }, /belongs to what is reported on/],
    ['sweep', { csv: 'sweep/results.parquet' }, /belongs to what is reported on/],
    ['sweep', { json: 'sweep/points.ndjson' }, /belongs to what is reported on/],
    ['result/result.json', { json: './result/result.json' }, /that is what is reported on/],
    ['result.yaml', { markdown: 'result.yaml' }, /that is what is reported on/],
  ];
  for (const [subject, options, problem] of bad) assert.match(await refusal(subject, options), problem);
});

refused('tables are named right, and wanted', async () => {
  const bad: [string, Partial<ReportOptions>, RegExp][] = [
    ['result', { table: 'shards' }, /^--table says what --csv and --parquet write/],
    ['result', { csv: 'x', table: 'shard' }, /no such table \(did you mean 'shards'\?\); it has arms, /],
    ['result', { csv: 'x', table: 'day' }, /^--table day: a result has no such table; it has arms, /],
    ['result.yaml', { csv: 'x', table: 'points' }, /^--table points: a result has no such table/],
    ['plan', { csv: 'x', table: 'pairs' }, /this plan holds nothing of it; it has alternatives, tiers/],
    ['plan', { csv: 'x', table: '__proto__' }, /a plan has no such table/],
  ];
  for (const [subject, options, problem] of bad) assert.match(await refusal(subject, options), problem);
});

refused('options that a stored answer cannot follow', async () => {
  assert.match(await refusal('result', { seed: 3 }), /^--seed: result is an answer already; name a scenario/);
  assert.match(
    await refusal('plan/plan.json', { arm: ['a'], workers: 2 }),
    /^--arm and --workers: plan\/plan\.json is an answer already/,
  );
  assert.match(
    await refusal('plan', { trace: 'x' }),
    /^--trace needs a result or a scenario; plan holds a plan/,
  );
});

refused('subjects that are none', async () => {
  const text = readFileSync(join(own.path, 'result/result.json'), 'utf8');
  own.folder.write('cut.json', text.slice(0, 3000));
  own.folder.write('foreign.json', '{"name":"x","rate":3}');
  own.folder.write('other-format.json', '{"format":"someone-else","version":1}');
  own.folder.write('newer.json', text.replace('"version": 1', '"version": 2'));
  own.folder.write('no-arms.json', JSON.stringify({ ...JSON.parse(text), arms: [] }));
  own.folder.write('hollow/note.txt', '');
  own.folder.write('begun/sweep.json', readFileSync(join(own.path, 'sweep/sweep.json')));
  own.folder.write('damaged/sweep.json', '{"format":"rankfleet-sweep"}');
  own.folder.write('cut-bundle.json', '{"format":"rankfleet-scenario","version":1,"prod');
  own.folder.write('odd-bundle.json', '{"format":"rankfleet-scenario","version":2}');
  for (const [name, problem] of [
    ['nowhere', /^no scenario 'nowhere'/],
    ['nowhere/result.json', /no such file/],
    ['cut.json', /^cut\.json: is not whole JSON: was it cut short\?/],
    ['foreign.json', /^foreign\.json:1:\d+: rate: unknown key 'rate'/],
    [
      'other-format.json',
      /is a file of format 'someone-else'; rankfleet reads results, plans, comparisons and sweeps/,
    ],
    ['newer.json', /is a result of version 2; this rankfleet reads version 1: simulate its scenario again/],
    ['no-arms.json', /is a result without arms/],
    ['hollow', /^hollow: the folder has no result\.json, plan\.json, comparison\.json or sweep\.json/],
    ['begun', /^begun: none of the 6 points of its sweep is done yet/],
    ['damaged', /^damaged\/sweep\.json: is not a manifest that rankfleet sweep writes/],
    ['cut-bundle.json', /^cut-bundle\.json: is not whole JSON/],
    ['odd-bundle.json', /^odd-bundle\.json:1:\d+: version: expected 1, got 2/],
  ] as [string, RegExp][]) {
    assert.match(await refusal(name, { csv: 'out.csv' }), problem);
  }
});

refused('a trace of a result whose scenario is gone, or is another one now', async () => {
  own.folder.write('moved/result.json', readFileSync(join(own.path, 'result/result.json')));
  assert.match(
    await refusal('moved', { trace: 'x' }),
    /^--trace simulates again, and there is no moved\/scenario\.json: rankfleet simulate SCENARIO --out DIR keeps one/,
  );
  const kept = readFileSync(join(own.path, 'result/scenario.json'), 'utf8');
  for (const [what, changed] of [
    ['a changed batch', kept.replace('"batch_size":32', '"batch_size":16')],
    ['another seed', kept.replace('"options":{', '"options":{"seed":9,')],
    ['a changed model', kept.replace('"numEmbeddings":1000', '"numEmbeddings":1001')],
  ]) {
    assert.is.not(changed, kept, what);
    own.folder.write('moved/scenario.json', changed);
    assert.match(
      await refusal('moved', { trace: 'x' }),
      /is not, or no longer, what the result was made of/,
      what,
    );
  }
  // The same scenario by another version: told, and traced.
  own.folder.write('moved/scenario.json', kept);
  const result = readFileSync(join(own.path, 'result/result.json'), 'utf8');
  own.folder.write('moved/result.json', result.replace(/"rankfleet [\d.]+"/, '"rankfleet 0.0.1"'));
  const { status, stderr } = own.report('moved', '--trace', 'x.json');
  assert.is(status, 0);
  assert.match(
    stderr,
    /^the result is of rankfleet 0\.0\.1; rankfleet [\d.]+ simulates again, and may give other/,
  );
});

refused('other commands say what a file is that the product wrote', () => {
  for (const [file, problem] of [
    [
      'result/scenario.json',
      /scenario\.json:1:\d+: format: a kept scenario can be simulated, compared and reported/,
    ],
    [
      'result/result.json',
      /result\.json:2:\d+: format: expected a scenario, and this is a file of format rankfleet-result/,
    ],
  ] as const) {
    assert.throws(
      () => scenarioDocument(join(own.path, file)),
      ({ message }: Error) => problem.test(message),
      file,
    );
  }
});

refused('a device that takes only a part leaves nothing half, and what was there stays', () => {
  const before = 'what was there\n';
  own.folder.write('kept.json', before);
  const { status, stderr } = own.shell('ulimit -f 8', 'report', 'result', '--json', 'kept.json');
  assert.is(status, 1, stderr);
  assert.match(stderr, /kept\.json cannot be written: /);
  assert.is(readFileSync(join(own.path, 'kept.json'), 'utf8'), before);
  assert.equal(
    readdirSync(own.path).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

const mayAnything = process.getuid?.() === 0;
const asUser = mayAnything
  ? (name: string, _: unknown) => console.log(`skipped: ${name}: the superuser may write everywhere`)
  : refused;

asUser('a folder that may not be written to', async () => {
  own.folder.write('closed/note.txt', '');
  chmodSync('closed', 0o500);
  assert.match(
    await refusal('result', { csv: 'closed/x.csv' }),
    /^--csv closed: .*closed may not be written to/,
  );
  chmodSync('closed', 0o700);
});

refused('exit 2, nothing on stdout and no stack trace', () => {
  for (const [args, problem] of [
    [['cut.json'], /^cut\.json: is not whole JSON/],
    [[], /missing required argument 'subject'/],
    [['result', '--replications', '0'], /expected a whole number from 1/],
  ] as const) {
    const { status, stdout, stderr } = own.report(...args);
    assert.is(status, 2, stderr);
    assert.is(stdout, '');
    assert.match(stderr, problem);
    assert.ok(!stderr.includes('    at '), stderr);
  }
});

refused.run();
