import { existsSync } from 'node:fs';
import { orWriteError, writeWhole } from '../foundation/files.ts';
import type { Subject } from '../reports/subject.ts';
import type { Exporter, Feed, Library } from '../reports/terminal/feed.ts';
import type { Ending } from '../reports/terminal/open-terminal.tsx';
import type { Tools } from '../reports/terminal/tools.ts';
import { compare } from '../sim/compare/compare.ts';
import { independentChanges, significance, withoutRounding } from '../sim/compare/figure-differences.ts';
import type { Side } from '../sim/compare/sides.ts';
import { summaryOf } from '../sim/summary-of-sweep-result.ts';
import { compareDistillation } from '../sim/training/comparison/compare-distillation.ts';
import { reportText } from './report-text.ts';

/** Codes of processes that a signal ended, as shells give them. */
export const signalCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Whether there is a person at a terminal that can be drawn on. */
export function canDraw(): boolean {
  const { CI, TERM } = process.env;
  const isUnattended = CI !== undefined && CI !== '' && CI !== '0' && CI !== 'false';
  return process.stdin.isTTY === true && process.stdout.isTTY === true && TERM !== 'dumb' && !isUnattended;
}

/** Shows answers on the whole terminal until a person leaves, or `signal` says that there is no reason to look. */
export async function drawOnTerminal(shown: Feed | Library, signal?: AbortSignal): Promise<Ending> {
  // React is several times as fast so; with DEV set, Ink looks for developer tools that nobody installed.
  process.env.NODE_ENV = 'production';
  delete process.env.DEV;
  const { openTerminal } = await import('../reports/terminal/open-terminal.tsx');
  return openTerminal({ shown, tools, files: { exists: existsSync, write: writeText }, signal });
}

/** Columns of running text on the terminal that is there. */
export function textWidth(): number {
  return Math.min(100, process.stdout.columns ?? 100);
}

/** Milliseconds after which a process that did not end by a signal ends by itself. */
const endMs = 500;

/** Ends the process as a signal would have, whatever its threads do. */
export function endBySignal(signal: keyof typeof signalCodes): Promise<never> {
  setTimeout(() => process.exit(signalCodes[signal]), endMs);
  process.kill(process.pid, signal);
  return new Promise(() => {});
}

const exported = [
  { key: 'html', label: 'a page with charts', extension: 'html' },
  { key: 'markdown', label: 'the whole answer as Markdown', extension: 'md' },
  { key: 'csv', label: 'its usual table as CSV', extension: 'csv' },
  { key: 'json', label: 'the answer as JSON', extension: 'json' },
] as const;

/** Ways to write a whole answer to a file: as `rankfleet report` writes it. */
export function exportersOf(subject: Subject): Exporter[] {
  const text: Exporter = {
    key: 'text',
    label: 'the whole report as text',
    extension: 'txt',
    write: (file) => writeText(file, reportText(subject)),
  };
  const others = exported.map(
    ({ key, ...about }): Exporter => ({
      key,
      ...about,
      write: async (file) => {
        // Charts take a moment to load.
        const { writeReport } = await import('./report.ts');
        await writeReport(subject, key, file);
      },
    }),
  );
  return [text, ...others];
}

function writeText(file: string, text: string): void {
  orWriteError(file, () => writeWhole(file, text));
}

/** What the interface asks of the rest of the program. */
export const tools: Tools = {
  compareArms: (result, a, b) => {
    const side: Side = { source: result.scenario.name, kind: 'result', result };
    const matched = { pairs: [{ a, b }], unmatched: { a: [], b: [] } };
    return compare([side, side], matched, result.fingerprint.product).pairs[0];
  },
  compareDistilled: (result, a, b) => {
    const side = { source: result.scenario.name, kind: 'result', result } as const;
    const matched = { pairs: [{ a, b }], unmatched: { a: [], b: [] } };
    return compareDistillation([side, side], matched, result.fingerprint.product).pairs[0];
  },
  differences: (a, b) => {
    const { difference, relative } = independentChanges(a, b);
    const size = Math.max(Math.abs(a.mean), Math.abs(b.mean));
    const shown = withoutRounding(difference, size);
    return {
      difference: shown,
      ...(relative && { relative: withoutRounding(relative, 1) }),
      ...significance(shown),
    };
  },
  summariseSweep: summaryOf,
};
