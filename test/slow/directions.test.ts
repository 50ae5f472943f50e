// time-limit: 240 s
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkDirections, grid } from '../../bench/directions.ts';
import { directionsDocument } from '../../bench/directions-document.ts';
import { packageRoot } from '../../foundation/files.ts';

const directions = suite('directions of the scale-out paper (recollected)');

directions('hold and fail exactly where docs/directions.md says', async () => {
  const rows = await checkDirections();
  const committed = readFileSync(join(packageRoot, 'docs/directions.md'), 'utf8');
  assert.is(
    committed,
    directionsDocument(rows),
    'docs/directions.md is out of date: npm run build && node dist/bench/directions-report.js',
  );
});

directions('are looked for on a grid that varies everything the paper leaves open', () => {
  const values = (key: keyof (typeof grid)[number]) => new Set(grid.map((point) => point[key])).size;
  for (const key of ['roundTripS', 'messageS', 'batchSize', 'serviceS', 'netOverheadS', 'workers'] as const) {
    assert.is(values(key), 3, key);
  }
  assert.is(new Set(grid.map((point) => JSON.stringify(point))).size, grid.length);
});

directions.run();
