import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import { loadModel } from '../../models/files.ts';
import { summariseModel } from '../../models/summary.ts';

const docs = suite<{ folder: string }>('docs of models');

docs.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'rankfleet-models-'));
});

docs.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const text = readFileSync(join(packageRoot, 'docs/models.md'), 'utf8');

/** Contents of the fenced blocks of a language. */
function blocks(language: string): string[] {
  return [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, block]) => block,
  );
}

docs('every model loads and costs something', ({ folder }) => {
  const [csv, ...more] = blocks('csv');
  assert.is(more.length, 0, 'one CSV file, which the model names tables.csv');
  writeFileSync(join(folder, 'tables.csv'), csv);
  const yaml = blocks('yaml');
  assert.ok(yaml.length >= 11, `${yaml.length} models`);
  for (const block of yaml) {
    const file = join(folder, 'model.yaml');
    writeFileSync(file, block);
    const { flops, embeddingBytes } = summariseModel(loadModel(file));
    assert.ok(flops.perCandidate > 0 && embeddingBytes > 0, block);
  }
});

docs('every kind of interaction, encoder and table has an example', () => {
  const yaml = blocks('yaml').join('\n');
  for (const kind of ['cat', 'dot', 'dcnv2', 'fm', 'neumf', 'wukong', 'din', 'hstu']) {
    assert.match(yaml, new RegExp(`kind: ${kind}\\b`));
  }
  for (const key of ['name:', 'group:', 'generate:', 'csv:', 'dlrm_args:'])
    assert.ok(yaml.includes(key), key);
});

docs.run();
