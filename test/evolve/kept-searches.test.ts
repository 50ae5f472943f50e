import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { replay } from '../../evolve/replay/replay.ts';
import { readExport } from '../../evolve/storage/import.ts';
import { packageRoot } from '../../foundation/files.ts';
import { significant } from '../../foundation/units.ts';

const kept = suite('searches that are kept');

const folder = join(packageRoot, 'evolve/searches/h200-sxm');
const page = readFileSync(join(packageRoot, 'docs/evolve.md'), 'utf8');

for (const name of readdirSync(folder)) {
  kept(`${name} follows from what is in it, and the page says what it came to`, () => {
    const [{ session, summary, wrongScores, otherChoices }] = replay(readExport(join(folder, name)), 1.2);
    assert.equal(wrongScores, []);
    assert.equal(otherChoices, []);
    const { task, settings } = session;
    const row = `| ${task.name}, ${settings.dataType} | ${summary.nodes} | ${significant(summary.best)}× |`;
    assert.ok(page.includes(row), row);
  });
}

kept.run();
