import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSpace } from '../../evolve/replay/space.ts';
import { packageRoot } from '../../foundation/files.ts';
import { rankfleet } from '../cli/program.ts';

const kept = suite('spaces that are kept');

const folder = 'evolve/spaces/h200-sxm';

for (const name of readdirSync(join(packageRoot, folder))) {
  kept(`${name} has every setting of its knobs`, () => {
    const { tune_params, cache } = readSpace(join(packageRoot, folder, name));
    const settings = Object.values(tune_params).reduce((product, { length }) => product * length, 1);
    assert.is(Object.keys(cache).length, settings);
  });
}

kept('the page shows what the command prints', () => {
  const page = readFileSync(join(packageRoot, 'docs/evolve.md'), 'utf8');
  const [, command, shown] = /<!-- output of: npx rankfleet (.*) -->\n```text\n(.*?)```/s.exec(page) ?? [];
  const { status, stdout, stderr } = rankfleet(command.split(' '), { cwd: packageRoot });
  assert.is(status, 0, stderr);
  assert.is(stdout, shown);
});

kept.run();
