import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Subject } from '../reports/subject.ts';
import { slaSchema } from '../scenarios/sla-schema.ts';
import type { SweepResult } from '../sim/sweep-result.ts';
import { type Manifest, manifestName, readManifest } from '../sweep/folder.ts';
import { Journal } from '../sweep/journal.ts';
import { foreign, readAnswer } from './answer-files.ts';
import { isExperiment } from './distil/experiment-source.ts';
import { isSearch } from './evolve/search-source.ts';

/** Files that hold an answer, in the order in which a folder is searched for them. */
export const answerNames = ['result.json', 'plan.json', 'comparison.json', manifestName];

/**
 * What a person points at: a result.json, plan.json or comparison in a file, or a folder that simulate, plan or sweep
 * wrote with --out.
 * @throws InputError for what is none of them, or cannot be read
 */
export function readSubject(source: string): Subject {
  const stats = existsSync(source) ? statSync(source) : undefined;
  if (!stats) throw foreign(source, 'no such file or folder');
  if (isSearch(source)) throw foreign(source, `is a kernel search: ${searchHint(source)}`);
  if (isExperiment(source)) {
    throw foreign(
      source,
      `is a distillation experiment: rankfleet report ${source} shows it, with --html FILE as a page with its charts`,
    );
  }
  if (!stats.isDirectory()) return readSubjectFile(source, source);
  const [name] = answersIn(source);
  if (name === undefined) {
    throw foreign(
      source,
      'the folder has no result.json, plan.json, comparison.json or sweep.json: rankfleet simulate, plan, compare and sweep write one with --out',
    );
  }
  return name === manifestName
    ? { kind: 'sweep', source, sweep: readSweep(source) }
    : readSubjectFile(join(source, name), source);
}

/** Files and folders with an answer or a kernel search: the folder itself, and those directly below it, by name. */
export function subjectsBelow(folder: string): string[] {
  const own = answersIn(folder).map((name) => (name === manifestName ? folder : join(folder, name)));
  const below = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .filter((one) => answersIn(one).length > 0 || isSearch(one))
    .sort();
  return [...own, ...(own.length === 0 && isSearch(folder) ? [folder] : []), ...below];
}

/** What shows a kernel search, which is none of the answers that a reader of subjects takes. */
function searchHint(source: string): string {
  return `rankfleet report ${source} shows it, with --html FILE as a page with its graph`;
}

function answersIn(folder: string): string[] {
  return answerNames.filter((name) => existsSync(join(folder, name)));
}

function readSubjectFile(file: string, source: string): Subject {
  if (basename(file) === manifestName) return { kind: 'sweep', source, sweep: readSweep(join(file, '..')) };
  const answer = readAnswer(file);
  if (!answer) {
    throw foreign(
      file,
      'is no answer of rankfleet: expected a result.json, a plan.json, a comparison, or a folder of a sweep; rankfleet simulate FILE --out DIR answers a scenario',
    );
  }
  return { ...answer, source };
}

/** The finished points of a sweep, from its journals: whatever format its results have, and while it still runs. */
function readSweep(folder: string): SweepResult {
  const manifest = readManifest(folder);
  if (!manifest) throw foreign(folder, `has no ${manifestName}`);
  const journal = new Journal(folder, manifest.points);
  try {
    return { ...headOf(manifest), points: [...journal.results()] };
  } finally {
    journal.close();
  }
}

/** What a sweep is and how its rows are judged, of what its folder says. */
export function headOf({
  name,
  method,
  product,
  key,
  points,
  fields,
  scenario,
}: Manifest): Omit<SweepResult, 'points'> {
  const { success, data } = slaSchema.safeParse(scenario.sla);
  const isSlaSwept = fields.some(({ field }) => field.startsWith('sla.'));
  const isLoadSwept = fields.some(({ field }) => field.startsWith('load.'));
  return {
    name,
    method,
    product,
    key,
    total: points,
    fields,
    judged: success ? data.percentile : 'p99',
    money: isLoadSwept ? 'usdPerMillionRequests' : 'usdPerHour',
    ...(success && !isSlaSwept && { sla: { percentile: data.percentile, limitS: data.latency } }),
  };
}
