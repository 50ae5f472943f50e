// time-limit: 180 s
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import { planResultSchema } from '../../sim/fleet/plan-result.ts';
import { rankfleet } from '../cli/program.ts';
import { Folder } from '../scenarios/folder.ts';

const command = suite('rankfleet plan: several models');

const folder = new Folder();
command.after(() => folder.remove());

const page = readFileSync(join(packageRoot, 'docs/plan-mix.md'), 'utf8');
const [, documented] = /```yaml\n([\s\S]*?)```/.exec(page)!;

command('answers the scenario of the documentation, alike on one thread and on two', () => {
  const file = folder.write('documented.yaml', documented);
  const [one, two] = ['1', '2'].map((workers) => rankfleet(['plan', file, '--json', '--workers', workers]));
  assert.is(one.status, 0, one.stderr);
  assert.is(one.stdout, two.stdout);
  const { mix, best } = planResultSchema.parse(JSON.parse(one.stdout));
  assert.is(best, undefined);
  assert.is(mix!.state, 'SOLVED');
  assert.equal([...new Set(mix!.shares.map(({ workload }) => workload))], ['ranking', 'search']);
  const text = rankfleet(['plan', file]).stdout;
  assert.match(text, /Which workload runs where/);
  assert.not.match(text, /\d\.\d{6}|NaN|undefined|Infinity/);
});

command('exits with 3 where the stock is short, with 2 for an option that could change nothing', () => {
  const short = folder.write(
    'short.yaml',
    documented.replace('epyc-9755-2s: 4', 'epyc-9755-2s: 1').replace('sc-large: 20', 'sc-large: 5'),
  );
  const { status, stdout } = rankfleet(['plan', short]);
  assert.is(status, 3);
  assert.match(stdout, /1 epyc-9755-2s.*2 epyc-9755-2s/);
  const refused = rankfleet(['plan', short, '--target', '5QPS']);
  assert.is(refused.status, 2);
  assert.match(refused.stderr, /--target/);
});

command.run();
