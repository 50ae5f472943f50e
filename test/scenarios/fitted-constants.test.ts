import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readExperiment } from '../../cli/distil/experiment-source.ts';
import { constantsText } from '../../cli/distil/fit.ts';
import { packageRoot } from '../../foundation/files.ts';
import { fittedConstantsFile } from '../../scenarios/distillation/constants-file.ts';
import { fitConstants } from '../../sim/training/quality/fit/fit-constants.ts';

const shipped = suite('fitted constants');

shipped('are what rankfleet distil fit makes of the result that ships', () => {
  const result = readExperiment(join(packageRoot, 'distil/results/flights-hourly.json'));
  assert.is(readFileSync(fittedConstantsFile, 'utf8'), constantsText(fitConstants(result)));
});

shipped.run();
