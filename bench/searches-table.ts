import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { overviewAs, overviewIn } from '../cli/evolve/search-overview.ts';
import { packageRoot } from '../foundation/files.ts';

// Writes the table of docs/evolve.md anew, as rankfleet evolve report evolve/searches/h200-sxm --markdown prints it.
const page = join(packageRoot, 'docs/evolve.md');
const table = overviewAs(await overviewIn(join(packageRoot, 'evolve/searches/h200-sxm')), 'markdown');
const between = /(<!-- searches -->\n).*?(<!-- end of searches -->)/s;
writeFileSync(page, readFileSync(page, 'utf8').replace(between, `$1${table}$2`));
