import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { actualPath, checkWritableFile, checkWritableFolder } from '../foundation/files.ts';
import { InputError } from '../foundation/problem.ts';
import { answerNames } from './read-subject.ts';
import { bundleName } from './scenario-source.ts';

/** Options that write one file each. */
export const fileFormats = ['html', 'markdown', 'csv', 'parquet', 'json', 'trace'] as const;
export type FileFormat = (typeof fileFormats)[number];
export type Format = FileFormat | 'svg';

export type FormatOptions = Partial<Record<Format, string>>;

/** Where an option writes. */
export interface Target {
  format: Format;
  /** As the user named it: a file, `-` for stdout, or the folder of --svg. */
  named: string;
}

/** What stands for stdout where a file is expected. */
export const stdout = '-';

/**
 * Where everything goes that was asked for, checked before any work.
 * @param subject what is reported on, whose own files are not written over
 * @throws InputError when two options write the same, or a file cannot be made or replaced
 */
export function targetsOf(options: FormatOptions, subject: string): Target[] {
  const targets = [...fileFormats, 'svg' as const].flatMap((format): Target[] => {
    const named = options[format];
    return named === undefined ? [] : [{ format, named }];
  });
  const outputs = targets.map(({ format, named }) => ({
    option: `--${format}`,
    named,
    isFolder: format === 'svg',
  }));
  checkOutputs(outputs, subject);
  return targets;
}

/** What an option or argument is to be written to. */
export interface Output {
  /** `--html`, or the name of an argument. */
  option: string;
  /** A file, `-` for stdout, or a folder. */
  named: string;
  isFolder?: boolean;
}

/** @throws InputError when two outputs are the same, cannot be made or replaced, or belong to what is reported on */
export function checkOutputs(outputs: readonly Output[], subject: string): void {
  const printed = outputs.filter(({ named, isFolder }) => !isFolder && named === stdout);
  if (printed.length > 1) {
    const names = printed.map(({ option }) => option).join(' and ');
    throw new InputError(`${names}: only one of them can write to stdout`);
  }
  const taken = new Map<string, string>();
  for (const output of outputs) {
    const { option, named, isFolder } = output;
    if (printed.includes(output)) continue;
    if (isFolder) checkFolder(named, option);
    else checkWritableFile(named, option);
    const path = actualPath(named);
    const other = taken.get(path);
    if (other !== undefined) throw new InputError(`${other} and ${option} name the same file, ${named}`);
    taken.set(path, option);
    if (!isFolder) checkNotSubject(path, `${option} ${named}`, subject);
  }
}

function checkFolder(folder: string, option: string): void {
  if (folder === stdout) throw new InputError(`${option} -: expected a folder, for one file for each chart`);
  checkWritableFolder(folder, option);
}

/** Results of a sweep and the graph of a search, and what commands write beside them. */
const ownFiles = /^(points.*\.ndjson|results\.(duckdb|parquet|csv|ndjson)|search\.db.*)$/;

function checkNotSubject(path: string, option: string, subject: string): void {
  if (!existsSync(subject)) return;
  const isFolder = statSync(subject).isDirectory();
  if (!isFolder && sameFile(path, subject)) throw new InputError(`${option}: that is what is reported on`);
  // The folder of a scenario is not an answer's.
  if (!isFolder && !answerNames.includes(basename(subject))) return;
  const folder = isFolder ? subject : dirname(subject);
  const name = basename(path);
  const isOwn = name === bundleName || ownFiles.test(name) || (isFolder && answerNames.includes(name));
  if (!isOwn || !sameFile(dirname(path), folder)) return;
  throw new InputError(
    `${option}: ${join(folder, name)} belongs to what is reported on; choose another name`,
  );
}

function sameFile(one: string, other: string): boolean {
  if (!existsSync(one)) return false;
  const [a, b] = [statSync(one), statSync(other)];
  return a.ino === b.ino && a.dev === b.dev;
}
