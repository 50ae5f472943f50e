// time-limit: 600 s
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findCompiler } from '../../harness/devices/cpu/compiler.ts';
import { loadKoffi } from '../../harness/devices/gpu-shared/native-libraries.ts';
import { commandsOf, projectFolder } from '../documentation.ts';
import { writeTinyTask } from '../evolve/tiny-task.ts';

const looked: string[] = [];
const hasTools = ((await loadKoffi(looked)) && (await findCompiler(looked))) !== undefined;
if (!hasTools)
  console.log(`SKIPPED: the page on searches needs koffi and a C++ compiler\n  ${looked.join('\n  ')}`);

const page = suite('docs: evolve');
const folder = projectFolder();
writeTinyTask(folder);

for (const command of commandsOf(['docs/evolve.md'])) {
  const needsTools = !/ evolve (list|show) /.test(`${command} `);
  if (needsTools && !hasTools) {
    page.skip(`${command}: no C++ compiler`, () => {});
    continue;
  }
  page(command, () => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
    assert.is(status, 0, `${stdout}\n${stderr}`);
    assert.ok(stdout.length > 100 || /^wrote /m.test(stderr), `${stdout}\n${stderr}`);
  });
}

page.after(() => rmSync(folder, { recursive: true }));
page.run();
