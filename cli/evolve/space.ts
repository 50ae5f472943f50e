import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { usedCores, usingCores } from '../../evolve/deploy/used-cores.ts';
import { EvaluatorPool } from '../../evolve/evaluation/evaluator-pool.ts';
import { optimumOf } from '../../evolve/replay/compare-policies.ts';
import { readSpace, type TimedSpace } from '../../evolve/replay/space.ts';
import { differencesFrom, type SpaceSubject, settingsOf, timeSpace } from '../../evolve/replay/time-space.ts';
import { type Variant, variantsOf } from '../../evolve/rewrite/variants.ts';
import { knobsOf } from '../../evolve/source/knobs.ts';
import { checkWritableFile, makeFolder, writeWhole } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import { significant } from '../../foundation/units.ts';
import { wrongWord } from '../../foundation/wording.ts';
import type { BackendName } from '../../harness/device.ts';
import { exitCodes } from '../exit-codes.ts';
import { checkProblem } from './beginning.ts';
import { chosenDevices, languageOf, usualBackend } from './devices.ts';
import { failedWithoutDevice } from './no-device.ts';
import { stopSearch } from './stop-search.ts';
import { dataTypeOf, type NamedTask, taskNamed } from './task-named.ts';

export interface SpaceCommandOptions {
  backend?: BackendName;
  dataType?: string;
  variant?: string;
  knobs?: string;
  shapes?: number;
  cores?: number;
  kernels?: string;
  python: boolean;
  out: string;
  resume?: boolean;
}

/** `rankfleet evolve space`: times every setting of a kernel's knobs; what is timed is kept as it comes. */
export async function timeSpaceOf(named: string, options: SpaceCommandOptions): Promise<number> {
  const found = await taskNamed(named, options.kernels);
  checkProblem(found.task, options);
  checkWritableFile(options.out, '--out');
  const known = knownSpace(options);
  const backend = options.backend ?? (await usualBackend(found));
  const language = languageOf(backend);
  const dataType = dataTypeOf(found.task, options.dataType);
  const variant = variantNamed(
    found,
    variantsOf(found.task.name, language, dataType, found.kernels),
    options.variant,
  );
  const source = { language, text: variant.text };
  const knobs = chosenKnobs(variant, options.knobs);
  const stop = stopSearch();
  let pool: EvaluatorPool | undefined;
  try {
    const devices = await chosenDevices({ ...options, backend, devices: 1 });
    const workersPerDevice = backend === 'cpu' ? 1 : gpuWorkers;
    pool = new EvaluatorPool({ devices, workersPerDevice, usesPython: options.python, baseline: source });
    const described = await pool.evaluators[0].describe();
    const { name: device } = described;
    const cores = backend === 'cpu' ? usedCores(usingCores(options.cores, described)) : 0;
    const task = { ...found.task, search: found.task.search.slice(0, options.shapes) };
    const subject = { task, dataType, device, cores, variant: variant.name, source, knobs };
    if (known) checkSame(known, subject, options.out);
    const total = settingsOf(source.text, knobs).length;
    process.stderr.write(`timing ${total} settings of ${found.task.name} ${variant.name} on ${device}\n`);
    const keeper = new SpaceKeeper(options.out);
    const space = await timeSpace(subject, pool, {
      known,
      lanes: workersPerDevice,
      signal: stop.signal,
      onEntry: (each, done) => keeper.keep(each, done, total),
    });
    keeper.write(space);
    const timed = Object.keys(space.cache).length;
    if (timed < total) {
      process.stderr.write(
        `${stop.why().word}: ${timed} of ${total} settings are in ${options.out}; --resume goes on\n`,
      );
      return stop.why().code;
    }
    const failed = Object.values(space.cache).filter((entry) => 'failure' in entry).length;
    process.stdout.write(
      `${options.out}: ${timed} settings, ${failed} of them failed; the best is ${significant(optimumOf(space))} times as fast as ${space.reference.name}.\nrankfleet evolve compare-policies ${options.out}\n`,
    );
    return exitCodes.answered;
  } catch (error) {
    if (stop.signal.aborted) return stop.why().code;
    return failedWithoutDevice(error);
  } finally {
    stop.release();
    await pool?.close();
  }
}

function knownSpace({ out, resume = false }: SpaceCommandOptions): TimedSpace | undefined {
  if (!existsSync(out)) return undefined;
  if (!resume) throw new InputError(`--out ${out}: is there already; --resume goes on with it`);
  return readSpace(out);
}

/** @throws InputError where the file holds another space, which would be lost */
function checkSame(known: TimedSpace, subject: SpaceSubject, file: string): void {
  const differences = differencesFrom(known, subject);
  if (differences.length === 0) return;
  throw new InputError(`--resume: ${file} holds another space: ${differences.join('; ')}`);
}

function variantNamed({ task }: NamedTask, variants: readonly Variant[], name: string | undefined): Variant {
  const names = variants.map((variant) => variant.name);
  if (name === undefined && variants.length === 1) return variants[0];
  const found = variants.find((variant) => variant.name === name);
  if (found) return found;
  throw new InputError(`--variant: of ${task.name}, ${wrongWord(names, name)}`);
}

/** Processes for a GPU: while one times, others compile. On a CPU that would disturb what is timed. */
const gpuWorkers = 3;

/** Settings that one space has at most: at a second each, a working day. */
const mostSettings = 30_000;

/** The knobs that are turned; others stay as written. @throws InputError for unknown ones, or too many settings */
function chosenKnobs({ name, text }: Variant, asked: string | undefined): string[] {
  const knobs = knobsOf(text);
  const names = knobs.map((knob) => knob.name);
  const chosen = asked?.split(',').map((part) => part.trim()) ?? names;
  for (const one of chosen) {
    if (!names.includes(one)) throw new InputError(`--knobs: of ${name}, ${wrongWord(names, one)}`);
  }
  const settings = knobs
    .filter((knob) => chosen.includes(knob.name))
    .reduce((product, { values }) => product * values.length, 1);
  if (settings <= mostSettings) return chosen;
  throw new InputError(
    `${name} has ${settings} settings of ${chosen.join(', ')}: more than ${mostSettings} are not timed; --knobs names fewer knobs`,
  );
}

/** Keeps a space on disk while it is timed: whole each time, and not more often than it is worth. */
class SpaceKeeper {
  private readonly file: string;
  private keptAt = performance.now();

  constructor(file: string) {
    this.file = file;
  }

  keep(space: TimedSpace, done: number, total: number): void {
    if (performance.now() - this.keptAt < 5000) return;
    this.write(space);
    process.stderr.write(`${done}/${total} settings\n`);
  }

  write(space: TimedSpace): void {
    makeFolder(dirname(this.file));
    writeWhole(this.file, `${JSON.stringify(space, null, 1)}\n`);
    this.keptAt = performance.now();
  }
}
