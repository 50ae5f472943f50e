import { dirname } from 'node:path';
import { stringify } from 'yaml';
import { actualPath, makeFolder, writeWhole } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import { qualityFitReport } from '../../reports/quality-fit-report.ts';
import { constantsDocument } from '../../sim/training/quality/fit/constants-document.ts';
import { fitConstants } from '../../sim/training/quality/fit/fit-constants.ts';
import type { QualityFit } from '../../sim/training/quality/fit/quality-fit-result.ts';
import { exitCodes } from '../exit-codes.ts';
import { print } from '../print.ts';
import { readExperiment } from './experiment-source.ts';

export interface FitOptions {
  out?: string;
  json?: boolean;
}

/** `rankfleet distil fit`: the fit to stdout, what was written to stderr; returns the exit code. */
export async function fitExperiment(path: string, { out, json }: FitOptions): Promise<number> {
  const fit = fitOf(path);
  if (out !== undefined) {
    makeFolder(dirname(out));
    writeWhole(actualPath(out), constantsText(fit));
    process.stderr.write(`wrote ${out}: scenarios name it in quality.constants\n`);
  }
  await print(json ? `${JSON.stringify(fit, null, 2)}\n` : qualityFitReport(fit));
  return exitCodes.answered;
}

/** The file that `--out` writes. */
export function constantsText(fit: QualityFit): string {
  return stringify(constantsDocument(fit), { lineWidth: 0 });
}

function fitOf(path: string): QualityFit {
  const result = readExperiment(path);
  try {
    return fitConstants(result);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.problems.map((problem) => ({ file: path, ...problem })));
  }
}
