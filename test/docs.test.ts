import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../foundation/files.ts';
import { loadModel } from '../models/files.ts';
import { loadScenario } from '../scenarios/files.ts';
import { blocks, checkCommand, commandsOf, isQuick, projectFolder } from './documentation.ts';

const docs = suite('docs');

docs('the quick commands of the README do what they say', () => {
  const folder = projectFolder();
  writeFileSync(join(folder, 'my.yaml'), blocks('README.md', 'yaml')[0]);
  const run = commandsOf(['README.md']).filter(isQuick);
  assert.ok(run.length >= 8, `${run.length} commands`);
  for (const command of run) checkCommand(command, folder);
  rmSync(folder, { recursive: true });
});

docs('npm start prints the comparison that the README shows', () => {
  // It builds: in a folder of its own, since other tests run what is built here.
  const folder = join(mkdtempSync(join(tmpdir(), 'rankfleet-start-')), 'rankfleet');
  const isSource = (path: string) => !/[/\\](node_modules|dist|coverage|\.[^/\\]+)([/\\]|$)/.test(path);
  cpSync(packageRoot, folder, {
    recursive: true,
    filter: (path) => isSource(path.slice(packageRoot.length)),
  });
  symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
  const output = execFileSync('npm', ['start', '--silent'], { cwd: folder, encoding: 'utf8' });
  rmSync(join(folder, '..'), { recursive: true });
  const [shown] = blocks('README.md', 'text');
  assert.ok(shown.trim().split('\n').length > 25, 'the README shows a real table');
  assert.ok(output.includes(shown.trim()), `the README is stale; npm start prints\n${output}`);
});

docs('every scenario and model in the documentation is valid', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-docs-'));
  const yaml = ['README.md', 'docs/scenarios.md'].flatMap((file) => blocks(file, 'yaml'));
  assert.ok(yaml.length >= 7);
  for (const [index, text] of yaml.entries()) {
    const file = join(folder, `${index}.yaml`);
    writeFileSync(file, text);
    if (/^nets:/m.test(text)) assert.ok(loadModel(file).nets.length > 0);
    else assert.ok((await loadScenario(file)).arms.length > 0);
  }
  rmSync(folder, { recursive: true });
});

docs('links point to files that exist', () => {
  const text = readFileSync(join(packageRoot, 'README.md'), 'utf8');
  const links = [...text.matchAll(/\]\((docs\/[^)]+)\)/g)].map(([, file]) => file);
  assert.ok(links.length >= 4);
  for (const link of links) assert.ok(readFileSync(join(packageRoot, link), 'utf8').length > 200, link);
});

docs.run();
