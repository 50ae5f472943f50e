import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../models/files.ts';
import { inputErrorOf, netWith } from './fixtures.ts';

const files = suite<{ folder: string }>('model files');

files.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'rankfleet-models-'));
  mkdirSync(join(context.folder, 'mine'));
  writeFileSync(join(context.folder, 'mine', 'model.yaml'), netWith('- csv: tables.csv'));
});

files.after.each(({ folder }) => rmSync(folder, { recursive: true }));

files('a relative path starts from the given folder, a CSV file from the model', ({ folder }) => {
  writeFileSync(join(folder, 'mine', 'tables.csv'), 'name,num_embeddings,embedding_dim\na,10,8\n');
  assert.is(loadModel('mine/model.yaml', folder).nets[0].tables[0].numEmbeddings, 10);
  assert.is(loadModel(join(folder, 'mine', 'model.yaml')).nets[0].tables.length, 1);
});

files('errors name the file as it is found', ({ folder }) => {
  const csv = join(folder, 'mine', 'tables.csv');
  assert.is(
    inputErrorOf(() => loadModel('mine/model.yaml', folder)),
    `${csv}: no such file`,
  );
  writeFileSync(csv, 'name,num_embeddings,embedding_dim\na,0,8\n');
  assert.match(
    inputErrorOf(() => loadModel('mine/model.yaml', folder)),
    `${csv}:2:3: num_embeddings: must be at least 1, got 0`,
  );
  assert.match(
    inputErrorOf(() => loadModel('./mine', folder)),
    'is not a file',
  );
});

files.run();
