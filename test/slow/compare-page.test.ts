// time-limit: 240 s
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blocks, commandsOf, projectFolder } from '../documentation.ts';

const page = 'docs/compare.md';
const documented = suite('rankfleet compare: documentation');

documented('every command of the page works, and prints what the page shows', () => {
  const folder = projectFolder();
  for (const [index, name] of ['shards.yaml', 'more.yaml'].entries()) {
    writeFileSync(join(folder, name), blocks(page, 'yaml')[index]);
  }
  const commands = commandsOf([page]);
  assert.is(commands.length, 7);
  const printed = commands.map((command) => {
    const bin = join(folder, 'node_modules/.bin/');
    const options = { cwd: folder, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command.replace('npx ', bin)], options);
    assert.is(status, 0, `${command}: ${stderr}`);
    assert.is(stderr, '', command);
    assert.ok(stdout.length > 1000, command);
    return stdout;
  });
  rmSync(folder, { recursive: true });
  const shown = blocks(page, 'text');
  assert.is(shown.length, 2);
  for (const [index, text] of shown.entries()) {
    assert.ok(printed[index].includes(text.trim()), `the page is stale; it prints\n${printed[index]}`);
  }
});

documented.run();
