// time-limit: 1200 s
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import { loadAnyScenario, scenarioNames } from '../../scenarios/files.ts';
import { program } from '../cli/program.ts';

const library = suite('worked examples against their golden summaries');

/** Set to rewrite the summaries after a change that is meant to move them. */
const isUpdating = process.env.RANKFLEET_UPDATE_GOLDEN === '1';

/** Sections of the output, parted by blank lines, that make up a summary: the question, the answer, the first table. */
const sections = 3;

for (const name of scenarioNames()) {
  library(name, async () => {
    const { settings } = await loadAnyScenario(name);
    // What a sweep finds is compared in tests of its own.
    const command = settings.plan ? 'plan' : 'simulate';
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, command, name], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    const summary = `exit ${status}\n\n${stdout.split('\n\n').slice(0, sections).join('\n\n').trimEnd()}\n`;
    const file = join(packageRoot, 'test/golden', `${name}.txt`);
    if (isUpdating) writeFileSync(file, summary);
    assert.ok(existsSync(file), `no golden summary of ${name}`);
    assert.ok(status === 0 || status === 3, `exit ${status}: ${stderr}`);
    assert.is(summary, readFileSync(file, 'utf8'), `${name} answers otherwise:\n${summary}`);
  });
}

library.run();
