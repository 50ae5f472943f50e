import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from '../foundation/document.ts';
import { readDocument, readTextFile } from '../foundation/files.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { show } from '../foundation/wording.ts';
import { comparisonReport } from '../reports/comparison-report.ts';
import { loadScenario, scenarioNames } from '../scenarios/files.ts';
import { compare } from '../sim/compare/compare.ts';
import { withAttributions } from '../sim/compare/explain.ts';
import { matchArms } from '../sim/compare/match-arms.ts';
import { answered, armNames, type GivenSide, type Runner, withSharedSettings } from '../sim/compare/sides.ts';
import { type Result, resultSchema, resultVersion } from '../sim/result.ts';
import { exitCodes } from './exit-codes.ts';
import { productVersion } from './product.ts';
import { Progress } from './progress.ts';
import { runJobs } from './run-jobs.ts';

export interface CompareOptions {
  arm: string[];
  armA?: string;
  armB?: string;
  seed?: number;
  replications?: number;
  workers?: number;
  attribution: boolean;
  json?: boolean;
}

/** Largest result.json that is read: a model of 100,000 tables takes some 60 MB. */
const maxResultBytes = 256 * 2 ** 20;

/** `rankfleet compare`: data to stdout, progress to stderr; returns the exit code. */
export async function compareCommand(a: string, b: string, options: CompareOptions): Promise<number> {
  const given = withSharedSettings([await readSide(a), await readSide(b)], options);
  const matched = matchArms(armNames(given[0]), armNames(given[1]), options);
  const product = `rankfleet ${productVersion()}`;
  const run = runner(options.workers);
  const sides = await answered(given, matched, run, product);
  const compared = compare(sides, matched, product);
  const comparison = options.attribution ? await withAttributions(compared, sides, run) : compared;
  process.stdout.write(
    options.json ? `${JSON.stringify(comparison, null, 2)}\n` : comparisonReport(comparison),
  );
  return exitCodes.answered;
}

function runner(workers: number | undefined): Runner {
  return async (jobs) => {
    if (jobs.length === 0) return [];
    const progress = new Progress(jobs.length);
    return runJobs(jobs, {
      ...(workers !== undefined && { workers }),
      onDone: () => progress.step(),
    }).finally(() => progress.end());
  };
}

/**
 * A scenario, a result, or a folder with one.
 * @throws InputError for what is none of them
 */
async function readSide(source: string): Promise<GivenSide> {
  const file = resultFile(source);
  const result = file === undefined ? undefined : readResult(file);
  if (result) return { source, kind: 'result', result };
  return { source, kind: 'scenario', scenario: await loadScenario(source) };
}

/** The file that may hold a result; a name of the library is that scenario, whatever folder is called so. */
function resultFile(source: string): string | undefined {
  const stats = existsSync(source) ? statSync(source) : undefined;
  if (stats?.isFile()) return source;
  if (!stats?.isDirectory() || scenarioNames().includes(source)) return undefined;
  const file = join(source, 'result.json');
  if (existsSync(file)) return file;
  throw new InputError([
    { file: source, message: 'the folder has no result.json: rankfleet simulate FILE --out writes one' },
  ]);
}

/** The result in a file; undefined where the file holds no JSON, or a scenario. */
function readResult(file: string): Result | undefined {
  const value = jsonIn(file);
  if (value === undefined) return undefined;
  const { format, version } = value;
  if (format === undefined) {
    if (looksLikeResult(value)) throw foreign(file, 'has no format: rankfleet-result');
    return undefined;
  }
  if (format !== 'rankfleet-result') {
    const near = typeof format === 'string' ? didYouMean(format, ['rankfleet-result']) : '';
    throw foreign(file, `is a file of format ${show(format)}${near}; compare reads scenarios and results`);
  }
  if (version !== resultVersion) {
    throw foreign(
      file,
      `is a result of version ${show(version)}; this rankfleet reads version ${resultVersion}: simulate its scenario again`,
    );
  }
  const { success, data } = resultSchema.safeParse(value);
  if (success) return checked(data, file);
  // Parsed once more, slowly, to say where.
  return validate(readDocument(file), resultSchema);
}

function checked(result: Result, file: string): Result {
  if (result.arms.length === 0) throw foreign(file, 'is a result without arms');
  return result;
}

/** What a file in JSON holds; undefined where it is none, as a scenario in YAML. */
function jsonIn(file: string): Record<string, unknown> | undefined {
  const text = readTextFile(file, maxResultBytes);
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    if (file.endsWith('result.json') || text.includes('"rankfleet-result"')) {
      throw foreign(file, 'is not whole JSON: was it cut short?');
    }
    return undefined;
  }
}

function looksLikeResult(value: Record<string, unknown>): boolean {
  return 'fingerprint' in value || ('arms' in value && 'scenario' in value);
}

function foreign(file: string, message: string): InputError {
  return new InputError([{ file, message }]);
}
