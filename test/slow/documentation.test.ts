// time-limit: 1200 s
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadScenario } from '../../scenarios/files.ts';
import { blocks, checkCommand, commandsOf, projectFolder } from '../documentation.ts';
import { readTraceFile } from '../reports/trace-event-format.ts';

const docs = suite('commands of the documentation');

const pages = ['planning', 'plan-mix', 'plan-growth', 'plan-day', 'plan-sensitivity'].map(
  (name) => `docs/${name}.md`,
);

for (const page of pages) {
  for (const command of commandsOf([page])) {
    docs(`${page}: ${command}`, () => {
      const folder = projectFolder();
      checkCommand(command, folder);
      rmSync(folder, { recursive: true });
    });
  }
}

docs('every command of the README, of calibration, sweeps, traces and reports does what it says', () => {
  const folder = projectFolder();
  writeFileSync(join(folder, 'my.yaml'), blocks('README.md', 'yaml')[0]);
  writeFileSync(join(folder, 'space.yaml'), blocks('docs/sweeps.md', 'yaml')[0]);
  const shown = ['README.md', 'docs/calibration.md', 'docs/sweeps.md', 'docs/traces.md', 'docs/reports.md'];
  for (const command of commandsOf(shown)) checkCommand(command, folder);
  assert.ok(readdirSync(join(folder, 'results/placements')).length > 0);
  const traces = ['trace.json', 'tails.json', 'gpus.json'];
  for (const trace of traces) readTraceFile(readFileSync(join(folder, trace), 'utf8'));
  rmSync(folder, { recursive: true });
});

docs('show scenarios that are valid', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-docs-'));
  const examples = pages.flatMap((page) => blocks(page, 'yaml'));
  assert.ok(examples.length >= 4);
  for (const [index, text] of examples.entries()) {
    const file = join(folder, `${index}.yaml`);
    // Some pages show a section alone.
    const isWhole = /^(model|load):/m.test(text);
    writeFileSync(file, isWhole ? text : `extends: three-year-growth\n${text}`);
    const { arms, settings } = await loadScenario(file);
    assert.ok(arms.length > 0 && settings.plan, text);
  }
  rmSync(folder, { recursive: true });
});

docs('link to pages that exist', () => {
  for (const page of [...pages, 'docs/traces.md', 'docs/reports.md']) {
    const text = readFileSync(join(import.meta.dirname, '../..', page), 'utf8');
    for (const [, file] of text.matchAll(/\]\(([^):#]+\.md)\)/g)) {
      assert.ok(
        readFileSync(join(import.meta.dirname, '../../docs', file), 'utf8').length > 200,
        `${page}: ${file}`,
      );
    }
  }
});

docs.run();
