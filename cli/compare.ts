import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkWritableFolder, makeFolder, writeWhole } from '../foundation/files.ts';
import { InputError } from '../foundation/problem.ts';
import { comparisonReport } from '../reports/comparison-report.ts';
import { scenarioNames } from '../scenarios/files.ts';
import { compare } from '../sim/compare/compare.ts';
import type { Comparison } from '../sim/compare/comparison-result.ts';
import { withAttributions } from '../sim/compare/explain.ts';
import { matchArms } from '../sim/compare/match-arms.ts';
import { answered, armNames, type GivenSide, type Runner, withSharedSettings } from '../sim/compare/sides.ts';
import { type Accepted, readAnswer } from './answer-files.ts';
import { compareDistilled, type GivenDistilled } from './compare-distilled.ts';
import type { CompareOptions } from './compare-options.ts';
import { exitCodes } from './exit-codes.ts';
import { productVersion } from './product.ts';
import { Progress } from './progress.ts';
import { runJobs } from './run-jobs.ts';
import { readAnySource } from './scenario-source.ts';

const onlyResults: Accepted = {
  formats: ['rankfleet-result', 'rankfleet-distillation-result'],
  otherwise: 'compare reads scenarios and results',
};

/** `rankfleet compare`: data to stdout, progress to stderr; returns the exit code. */
export async function compareCommand(a: string, b: string, options: CompareOptions): Promise<number> {
  if (options.out !== undefined) checkWritableFolder(options.out, '--out');
  const [sideA, sideB] = [await readSide(a), await readSide(b)];
  if (isDistilled(sideA) && isDistilled(sideB)) return compareDistilled([sideA, sideB], options);
  if (isDistilled(sideA) || isDistilled(sideB)) throw unlike(sideA, sideB);
  const given = withSharedSettings([sideA, sideB], options);
  const matched = matchArms(armNames(given[0]), armNames(given[1]), options);
  const product = `rankfleet ${productVersion()}`;
  const run = runner(options.workers);
  const sides = await answered(given, matched, run, product);
  const compared = compare(sides, matched, product);
  const comparison = options.attribution ? await withAttributions(compared, sides, run) : compared;
  if (options.out !== undefined) writeComparison(options.out, comparison);
  process.stdout.write(
    options.json ? `${JSON.stringify(comparison, null, 2)}\n` : comparisonReport(comparison),
  );
  return exitCodes.answered;
}

function writeComparison(folder: string, comparison: Comparison): void {
  makeFolder(folder);
  writeWhole(join(folder, 'comparison.json'), `${JSON.stringify(comparison, null, 2)}\n`);
}

function isDistilled(side: GivenSide | GivenDistilled): side is GivenDistilled {
  return side.kind === 'distillation-scenario' || side.kind === 'distillation-result';
}

/** A question of serving and one of distillation have no figure in common. */
function unlike(a: GivenSide | GivenDistilled, b: GivenSide | GivenDistilled): InputError {
  const about = (side: GivenSide | GivenDistilled) => (isDistilled(side) ? 'distillation' : 'serving');
  return new InputError(
    `A (${a.source}) is about ${about(a)} and B (${b.source}) about ${about(b)}: compare takes two of one kind`,
  );
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
async function readSide(source: string): Promise<GivenSide | GivenDistilled> {
  const file = resultFile(source);
  const answer = file === undefined ? undefined : readAnswer(file, onlyResults);
  if (answer?.kind === 'result') return { source, kind: 'result', result: answer.result };
  if (answer?.kind === 'distillation')
    return { source, kind: 'distillation-result', result: answer.distillation };
  const { scenario } = await readAnySource(source);
  return 'kind' in scenario
    ? { source, kind: 'distillation-scenario', scenario }
    : { source, kind: 'scenario', scenario };
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
