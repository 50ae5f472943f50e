// time-limit: 300 s
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { distillationComparisonSchema } from '../../sim/training/comparison/distillation-comparison-result.ts';
import { Answers } from '../reports/answers.ts';

const answers = new Answers(['distillation']);
const reporting = suite('rankfleet report, view and compare: distillation');
reporting.after(() => answers.remove());

const whole = readFileSync(join(answers.path, 'distillation/result.json'), 'utf8');

reporting('a folder is reported on and viewed as simulate printed it', () => {
  const { stdout, status } = answers.report('distillation');
  assert.is(status, 0);
  assert.match(stdout, /^Is one teacher worth its money\?\n/);
  const viewed = answers.run('view', 'distillation', '--plain');
  assert.is(viewed.stdout, stdout);
  assert.is(viewed.status, 0);
});

reporting('the scenario itself is simulated first, with the options of one', () => {
  const { stdout, status } = answers.report('distillation.yaml', '--json', '-');
  assert.is(status, 0);
  assert.is(stdout, whole);
  const table = answers.report(
    'distillation.yaml',
    '--replications',
    '1',
    '--csv',
    '-',
    '--table',
    'replications',
  );
  assert.is(table.stdout.trim().split('\n').length, 3, table.stderr);
});

reporting('compare answers in words, writes a folder, and that is a subject', () => {
  const compared = answers.run(
    'compare',
    'distillation',
    'distilled-otherwise.yaml',
    '--arm',
    '6 h',
    '--out',
    'cmp',
  );
  assert.is(compared.status, 0, compared.stderr);
  assert.match(
    compared.stdout.replaceAll('\n', ' '),
    /the only input that differs is verticals\.feed\.runs 2 → 3/,
  );
  const json = JSON.parse(readFileSync(join(answers.path, 'cmp/comparison.json'), 'utf8'));
  assert.ok(distillationComparisonSchema.safeParse(json).success);
  assert.is(json.pairs[0].paired, true);
  assert.is(answers.report('cmp').stdout, compared.stdout);
});

reporting('what cannot be is refused with words, and exit code 2', () => {
  const other = { ...JSON.parse(whole), version: 9 };
  answers.folder.write('newer.json', JSON.stringify(other));
  answers.folder.write('no-arms.json', JSON.stringify({ ...JSON.parse(whole), arms: [] }));
  answers.folder.write('cut.json', whole.slice(0, 2000));
  for (const [args, problem] of [
    [
      ['compare', 'distillation', 'result.yaml'],
      /A \(distillation\) is about distillation and B \(result\.yaml\) about serving/,
    ],
    [['compare', 'result.yaml', 'distillation.yaml'], /A \(result\.yaml\) is about serving and B/],
    [['compare', 'distillation', 'distillation', '--seed', '3'], /both sides are results/],
    [['compare', 'distillation', 'distillation', '--arm', '7 h'], /A has no arm '7 h'/],
    [
      ['report', 'distillation', '--trace', 't.json'],
      /--trace records requests: distillation is about distillation/,
    ],
    [['report', 'distillation.yaml', '--trace', 't.json'], /--trace records requests/],
    [
      ['report', 'distillation', '--csv', '-', '--table', 'shards'],
      /has no such table; it has arms, systems/,
    ],
    [['report', 'distillation', '--seed', '3'], /is an answer already/],
    [['report', 'newer.json'], /is a distillation-result of version 9; this rankfleet reads version 1/],
    [['report', 'no-arms.json'], /is a result without arms/],
    [['report', 'cut.json'], /is not whole JSON: was it cut short\?/],
  ] as const) {
    const { status, stderr, stdout } = answers.run(...args);
    assert.match(stderr, problem, args.join(' '));
    assert.is(status, 2, args.join(' '));
    assert.is(stdout, '', args.join(' '));
  }
});

reporting.run();
