import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../foundation/files.ts';
import { accuracy } from '../harness/accuracy/accuracy.ts';
import { accuracyDocument } from '../harness/accuracy/document.ts';

// Writes docs/accuracy.md anew.
writeFileSync(join(packageRoot, 'docs/accuracy.md'), accuracyDocument(accuracy()));
