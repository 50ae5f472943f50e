import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { suitesNotRun } from './source-text.ts';

/** How one test file went. */
export interface FileResult {
  file: string;
  passed: number;
  failed: number;
  skipped: number;
  seconds: number;
  /** Why the file fails beside its failed tests: no tests, time limit, open handle... */
  faults: string[];
  output: string;
}

export interface Limits {
  /** Seconds a file may take, unless its first lines say `// time-limit: 300 s`. */
  fileS: number;
  /** Seconds a file's process may live on after uvu's summary. */
  exitS: number;
}

export const usualLimits: Limits = { fileS: 120, exitS: 5 };

const atATime = 2;

/** Suites below `slow` take minutes: they run when asked for by name, or all together with RANKFLEET_SLOW_TESTS=1. */
const withSlow = process.env.RANKFLEET_SLOW_TESTS === '1';

/**
 * Runs the test files below `folder` whose relative path contains one of `filters` (all files without any),
 * printing a line for each, the output of those that fail, and `N passed, N failed, N skipped` at the end.
 * @returns whether everything passed
 */
export async function runTests(
  folder: string,
  filters: string[],
  print: (line: string) => void,
  limits = usualLimits,
): Promise<boolean> {
  const files = testFiles(folder).filter((file) => {
    const path = relative(folder, file);
    if (filters.length === 0) return withSlow || !path.startsWith('slow');
    return filters.some((filter) => path.includes(filter));
  });
  const results: FileResult[] = [];
  const queue = files[Symbol.iterator]();
  const worker = async () => {
    for (const file of queue) {
      const result = await runFile(file, limits);
      print(describe(result, folder));
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  if (files.length === 0) print(`FAIL  no test file matches ${filters.join(' ') || 'anything'}`);
  const sum = (key: 'passed' | 'failed' | 'skipped') => results.reduce((total, each) => total + each[key], 0);
  const failed = sum('failed') + (files.length === 0 ? 1 : 0);
  print(`${sum('passed')} passed, ${failed} failed, ${sum('skipped')} skipped`);
  return failed === 0;
}

/** Every `*.test.ts` and `*.test.tsx` below a folder, sorted. */
export function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testFiles(path);
      return /\.test\.tsx?$/.test(entry.name) ? [path] : [];
    })
    .sort();
}

/** Runs one test file in its own process. */
export async function runFile(file: string, limits = usualLimits): Promise<FileResult> {
  const text = readFileSync(file, 'utf8');
  const started = performance.now();
  const { output, ending } = await execute(file, { ...limits, fileS: timeLimitOf(text) ?? limits.fileS });
  const seconds = (performance.now() - started) / 1000;
  const summaries = [...output.matchAll(summaryPattern)];
  const [total, passed, skipped] = (summaries[0] ?? [0, 0, 0, 0]).slice(1).map(Number);
  const faults = [
    ...suitesNotRun(text).map((name) => `suite '${name}' is never run: add ${name}.run()`),
    ...faultsOf(summaries.length, total, passed, skipped, ending),
  ];
  const failed = Math.max(total - passed, faults.length > 0 ? 1 : 0);
  return { file, passed, failed, skipped, seconds, faults, output };
}

/** What uvu prints when a file's suites are done. */
const summaryPattern = /^ {2}Total: {5}(\d+)\n {2}Passed: {4}(\d+)\n {2}Skipped: {3}(\d+)\n {2}Duration:/gm;

interface Ending {
  code: number | null;
  signal: string | null;
  /** Why the runner killed the process, if it did. */
  killed?: string;
}

function faultsOf(
  summaries: number,
  total: number,
  passed: number,
  skipped: number,
  { code, signal, killed }: Ending,
): string[] {
  if (killed) return [killed];
  const ended = signal ? `was killed by ${signal}` : `exited with code ${code}`;
  if (summaries === 0) return [code === 0 ? 'has no tests: no suite ran' : `${ended} before its tests ended`];
  if (summaries > 1) return ['ran its suites twice: call every .run() before anything is awaited'];
  if (total + skipped === 0) return ['has no tests'];
  return code !== 0 && passed === total ? [`${ended} although its tests passed`] : [];
}

function timeLimitOf(text: string): number | undefined {
  const head = text.split('\n', 10).join('\n');
  const match = /^\/\/ time-limit: (\d+) s$/m.exec(head);
  return match ? Number(match[1]) : undefined;
}

/** Runs the file until it exits, its time is up, or it outlives its own summary. */
function execute(file: string, { fileS, exitS }: Limits): Promise<{ output: string; ending: Ending }> {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
  delete env.FORCE_COLOR;
  const tsx = import.meta.resolve('tsx');
  // In a process group of its own, so that what the test starts can be ended with it.
  const child = spawn(process.execPath, ['--import', tsx, file], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  return new Promise((resolve) => {
    let output = '';
    let killed: string | undefined;
    const kill = (reason: string) => {
      killed ??= reason;
      killGroup(child);
    };
    const limit = setTimeout(() => kill(`took longer than its time limit of ${fileS} s`), fileS * 1000);
    let afterSummary: NodeJS.Timeout | undefined;
    const collect = (chunk: string) => {
      output += chunk;
      if (afterSummary || output.search(summaryPattern) < 0) return;
      const reason = `left an open handle: still running ${exitS} s after its last test (a timer, server, worker or child process)`;
      afterSummary = setTimeout(() => kill(reason), exitS * 1000);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', collect);
    // A process that the test left behind keeps the pipes open: end it, so that they close.
    child.once('exit', () => killGroup(child));
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      clearTimeout(afterSummary);
      running.delete(child);
      resolve({ output, ending: { code, signal, ...(killed ? { killed } : {}) } });
    });
  });
}

const running = new Set<ChildProcess>();

/** Ends every test process still running: the runner itself is being stopped. */
export function killRunning(): void {
  for (const child of running) killGroup(child);
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has ended by itself.
  }
}

function describe({ file, passed, failed, skipped, seconds, faults, output }: FileResult, folder: string) {
  const counts = `${passed} passed${failed ? `, ${failed} failed` : ''}${skipped ? `, ${skipped} skipped` : ''}`;
  const line = `${failed ? 'FAIL' : 'ok  '}  ${seconds.toFixed(1).padStart(6)} s  ${relative(folder, file)}: ${counts}`;
  if (!failed) return line;
  return [line, ...faults.map((fault) => `      ${fault}`), output.trimEnd()].filter(Boolean).join('\n');
}
