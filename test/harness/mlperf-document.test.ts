import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import { mlperfDocument } from '../../harness/mlperf/document.ts';
import { predictRows } from '../../harness/mlperf/predict.ts';
import { publishedFile, readPublishedRows } from '../../harness/mlperf/published-rows.ts';

const page = suite('docs/mlperf.md');

page('says what is predicted of every published row today', async () => {
  const rows = readPublishedRows(publishedFile);
  const committed = readFileSync(join(packageRoot, 'docs/mlperf.md'), 'utf8');
  assert.fixture(
    committed,
    mlperfDocument(await predictRows(rows)),
    'docs/mlperf.md is out of date: npm run build && node dist/bench/mlperf-report.js',
  );
  const lines = committed.split('\n').filter((line) => /^\| v\d/.test(line));
  assert.is(lines.length, rows.length, 'a line for every row');
});

page.run();
