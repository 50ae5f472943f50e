import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isExperiment, readExperiment } from '../../cli/distil/experiment-source.ts';
import { constantsText } from '../../cli/distil/fit.ts';
import { packageRoot } from '../../foundation/files.ts';
import { fittedConstantsFile } from '../../scenarios/distillation/constants-file.ts';
import { fitConstants } from '../../sim/training/quality/fit/fit-constants.ts';

const results = join(packageRoot, 'distil/results');

/** The result of the experiment on flights that ships with the product; undefined where it was not run yet. */
function shippedResult(): string | undefined {
  const names = existsSync(results) ? readdirSync(results, { recursive: true, encoding: 'utf8' }) : [];
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(results, name))
    .find((file) => isExperiment(file) && readExperiment(file).name === 'flights');
}

const shipped = suite('fitted constants');
const result = shippedResult();

if (result === undefined) console.log('SKIPPED: no result of the experiment on flights in distil/results');

const whereShipped = result === undefined ? shipped.skip : shipped;

whereShipped('are what rankfleet distil fit makes of the result that ships', () => {
  const fit = fitConstants(readExperiment(result!));
  assert.is(readFileSync(fittedConstantsFile, 'utf8'), constantsText(fit));
});

shipped.run();
