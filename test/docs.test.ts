// time-limit: 300 s
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../foundation/files.ts';
import { loadModel } from '../models/files.ts';
import { loadScenario } from '../scenarios/files.ts';
import { blocks, projectFolder, withoutNpmWarnings } from './documentation.ts';

const docs = suite('docs');

/** Commands that install, test or measure the product itself: the check and the benchmarks have runs of their own. */
const notRunHere = ['npm install && npm start', 'npm install && npm test', 'npm run check', 'npm run bench'];

docs('every command of the README and of the calibration page does what it says', () => {
  const folder = projectFolder();
  writeFileSync(join(folder, 'my.yaml'), blocks('README.md', 'yaml')[0]);
  writeFileSync(join(folder, 'space.yaml'), blocks('docs/sweeps.md', 'yaml')[0]);
  const pages = ['README.md', 'docs/calibration.md', 'docs/sweeps.md'];
  const commands = pages.flatMap((page) => blocks(page, 'sh')).flatMap((block) => block.trim().split('\n'));
  const run = commands.filter((command) => !notRunHere.includes(command));
  assert.ok(run.length >= 19, `${run.length} commands`);
  for (const command of run) {
    const { status, stderr, stdout } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
    assert.is(status, 0, `${command}: exit ${status}\n${stderr}`);
    assert.ok(stdout.length > 100, command);
    // A calibration says how far it is; drivers that are looked for may speak, too.
    if (!command.includes('calibrate')) assert.is(withoutNpmWarnings(stderr), '', command);
  }
  assert.ok(readdirSync(join(folder, 'results/placements')).length > 0);
  rmSync(folder, { recursive: true });
});

docs('npm start prints the comparison that the README shows', () => {
  const output = execFileSync('npm', ['start', '--silent'], { cwd: packageRoot, encoding: 'utf8' });
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
