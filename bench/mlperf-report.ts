import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../foundation/files.ts';
import { mlperfDocument } from '../harness/mlperf/document.ts';
import { predictRows } from '../harness/mlperf/predict.ts';
import { publishedFile, readPublishedRows } from '../harness/mlperf/published-rows.ts';

// Writes docs/mlperf.md anew.
writeFileSync(
  join(packageRoot, 'docs/mlperf.md'),
  mlperfDocument(await predictRows(readPublishedRows(publishedFile))),
);
