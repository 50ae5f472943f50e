import { stringify } from 'yaml';
import { InputError } from '../../foundation/problem.ts';
import { qualityFitReport } from '../../reports/quality-fit-report.ts';
import { constantsDocument } from '../../sim/training/quality/fit/constants-document.ts';
import { fitConstants } from '../../sim/training/quality/fit/fit-constants.ts';
import type { QualityFit } from '../../sim/training/quality/fit/quality-fit-result.ts';
import { exitCodes } from '../exit-codes.ts';
import { print } from '../print.ts';
import { checkOutputs, stdout } from '../report-targets.ts';
import { writePieces } from '../write-pieces.ts';
import { readExperiment } from './experiment-source.ts';

export interface FitOptions {
  /** A file, or `-` for stdout, in the place of the report. */
  out?: string;
  json?: boolean;
}

/** `rankfleet distil fit`: the fit to stdout, what was written to stderr; returns the exit code. */
export async function fitExperiment(path: string, { out, json }: FitOptions): Promise<number> {
  if (out !== undefined) checkOutputs([{ option: '--out', named: out }], path);
  const fit = fitOf(path);
  if (out !== undefined) await writePieces([{ file: out, content: [constantsText(fit)] }]);
  if (out !== stdout) await print(json ? `${JSON.stringify(fit, null, 2)}\n` : qualityFitReport(fit));
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
