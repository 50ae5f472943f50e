import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Library } from '../reports/terminal/feed.ts';
import { stillFeed } from '../reports/terminal/feed.ts';
import { textTable } from '../reports/text-table.ts';
import { isExperiment } from './distil/experiment-source.ts';
import { isSearch, searchDatabase } from './evolve/search-source.ts';
import { exitCodeOf } from './exit-code-of.ts';
import { exitCodes } from './exit-codes.ts';
import { readSubject, subjectsBelow } from './read-subject.ts';
import { reportText } from './report-text.ts';
import { canDraw, drawOnTerminal, exportersOf, signalCodes } from './terminal.ts';

export interface ViewOptions {
  plain?: boolean;
}

/** `rankfleet view`: an answer on the whole terminal, or its report where nobody sits at one; returns the exit code. */
export async function view(source: string | undefined, { plain }: ViewOptions): Promise<number> {
  const place = source ?? '.';
  const sources = isFolder(place) ? subjectsBelow(place) : [place];
  // Who names a folder means what is in it; answers below it are further choices.
  const own = source === undefined ? [] : sources.filter((one) => isOf(place, one));
  const chosen = sources.length < 2 ? (sources[0] ?? place) : own.length === 1 ? own[0] : undefined;
  const isOnlyText = sources.length < 2 && chosen !== undefined && isShownAsText(chosen);
  if (plain || !canDraw() || isOnlyText)
    return chosen === undefined ? printList(sources) : await printAnswer(chosen);
  const shown =
    sources.length < 2 && chosen !== undefined
      ? stillFeed(snapshotOf(chosen))
      : libraryOf(place, sources, chosen === undefined ? undefined : sources.indexOf(chosen));
  const ending = await drawOnTerminal(shown);
  return ending.kind === 'signal' ? signalCodes[ending.signal] : exitCodes.answered;
}

/** Searches and experiments have a report, and no screens of their own. */
function isShownAsText(source: string): boolean {
  return isSearch(source) || isExperiment(source);
}

function isFolder(place: string): boolean {
  return existsSync(place) && statSync(place).isDirectory();
}

/** Whether an answer lies in the folder itself, and not in one below. */
function isOf(folder: string, source: string): boolean {
  return source === folder || (dirname(source) === join(folder) && !isFolder(source));
}

async function printAnswer(source: string): Promise<number> {
  if (isSearch(source)) {
    const { reportKernelSearch } = await import('./report-search.ts');
    return reportKernelSearch(source, { arm: [] });
  }
  if (isExperiment(source)) {
    const { reportExperiment } = await import('./report-experiment.ts');
    return reportExperiment(source, { arm: [] });
  }
  const subject = readSubject(source);
  process.stdout.write(reportText(subject));
  return exitCodeOf(subject);
}

function printList(sources: readonly string[]): number {
  const rows = sources.map((source) => [source, kindOf(source), changedAt(source)]);
  const columns = ['answer', 'kind', 'written'].map((title) => ({ title, align: 'left' as const }));
  process.stdout.write(`${textTable(columns, rows)}\n\nrankfleet view ANSWER shows one of them.\n`);
  return exitCodes.answered;
}

function snapshotOf(source: string) {
  const subject = readSubject(source);
  return { subject, exporters: exportersOf(subject) };
}

function libraryOf(place: string, sources: readonly string[], first: number | undefined): Library {
  return {
    place: place === '.' ? 'this folder' : place,
    entries: sources.map((source) => ({
      source,
      kind: kindOf(source),
      details: [
        ['kind', kindOf(source)],
        ['written', changedAt(source)],
        ...(isShownAsText(source) ? [['shown by', `rankfleet report ${source}`] as const] : []),
      ],
    })),
    open: (index) => snapshotOf(sources[index]),
    ...(first !== undefined && { first }),
  };
}

const kinds: Record<string, string> = {
  'result.json': 'result',
  'plan.json': 'plan',
  'comparison.json': 'comparison',
  'sweep.json': 'sweep',
};

/** The file that an answer is known by. */
function fileOf(source: string): string {
  if (!isFolder(source)) return source;
  return [...Object.keys(kinds), searchDatabase].map((name) => join(source, name)).find(existsSync) ?? source;
}

function kindOf(source: string): string {
  if (isSearch(source)) return 'kernel search';
  if (isExperiment(source)) return 'distillation experiment';
  return kinds[basename(fileOf(source))] ?? 'answer';
}

/** `2026-03-01 14:05 UTC`. */
function changedAt(source: string): string {
  return `${statSync(fileOf(source)).mtime.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
