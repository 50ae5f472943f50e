import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../foundation/files.ts';
import { checkDirections } from './directions.ts';
import { directionsDocument } from './directions-document.ts';

// Writes docs/directions.md anew.
writeFileSync(join(packageRoot, 'docs/directions.md'), directionsDocument(await checkDirections()));
