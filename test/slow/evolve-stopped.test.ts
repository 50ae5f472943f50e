// time-limit: 300 s
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findCompiler } from '../../harness/devices/cpu/compiler.ts';
import { loadKoffi } from '../../harness/devices/gpu-shared/native-libraries.ts';
import { program, rankfleet } from '../cli/program.ts';
import { writeTinyTask } from '../evolve/tiny-task.ts';

const looked: string[] = [];
const hasTools = ((await loadKoffi(looked)) && (await findCompiler(looked))) !== undefined;
if (!hasTools)
  console.log(`SKIPPED: searches on the CPU need koffi and a C++ compiler\n  ${looked.join('\n  ')}`);

const stopped = suite('evolve: stopped while the best kernels are timed to the end');
const folder = mkdtempSync(join(tmpdir(), 'rankfleet-stopped-'));
const task = writeTinyTask(folder);
stopped.after(() => rmSync(folder, { recursive: true }));

const search = join(folder, 'search');
const table = join(search, 'deployment/session-1/dispatch.json');
const onOneCore = ['--backend', 'cpu', '--cores', '1', '--agents', '1', '--no-python', '--drafts', '2'];
const argsOf = (...args: string[]) => ['evolve', task, ...onOneCore, '--out', search, ...args];

/** Runs until the final timing begins, and sends a signal then. */
async function interrupted(signal: NodeJS.Signals, ...args: string[]) {
  const child = spawn(process.execPath, [program, ...argsOf(...args)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    printed.stdout += chunk;
  });
  let isSent = false;
  child.stderr.on('data', (chunk) => {
    printed.stderr += chunk;
    if (isSent || !printed.stderr.includes('timing the best kernels to the end')) return;
    isSent = child.kill(signal);
  });
  const [status] = await once(child, 'close');
  return { status, ...printed };
}

function resumed(...args: string[]) {
  return rankfleet(argsOf('--resume', ...args), { cwd: folder });
}

function nodesOf(): number {
  const { stdout } = rankfleet(['evolve', 'report', search, '--json'], { cwd: folder });
  return JSON.parse(stdout).nodes.length;
}

const test = (name: string, body: () => void | Promise<void>) =>
  hasTools ? stopped(name, body) : stopped.skip(`${name}: no C++ compiler`, () => {});

test('a signal ends it with its code, and leaves the search without a table', async () => {
  const { status, stdout, stderr } = await interrupted('SIGINT', '--steps', '2');
  assert.is(status, 130, stderr);
  assert.is(stdout, '');
  assert.match(
    stderr,
    /SIGINT: the search is kept in .*, its kernels are not timed to the end yet; .*--resume goes on/,
  );
  assert.not(existsSync(table));
});

test('it may be stopped again', async () => {
  const { status, stderr } = await interrupted('SIGTERM', '--steps', '2', '--resume');
  assert.is(status, 143, stderr);
  assert.not(existsSync(table));
});

test('--resume times them before it searches on, whatever its limits, and then searches on', () => {
  const { status, stderr, stdout } = resumed('--budget', '1h');
  assert.is(status, 0, stderr);
  assert.match(stderr, /that comes first; --resume again searches on/);
  assert.match(stdout, /rows 37, n 301\s+odd\s+held out/);
  assert.is(JSON.parse(readFileSync(table, 'utf8')).rows.length, 2);
  assert.is(nodesOf(), 2);
  const again = resumed('--steps', '3');
  assert.is(again.status, 0, again.stderr);
  assert.not.match(again.stderr, /that comes first/);
  assert.is(nodesOf(), 3);
});

test('check prints what was judged before a signal', async () => {
  const endless = join(folder, 'endless.cpp');
  const right = join(task, 'plain.cpp');
  const loop = 'for (volatile int i = 0;; i = i + 1) {}\n  const int64_t rows';
  writeFileSync(endless, readFileSync(right, 'utf8').replace('const int64_t rows', loop));
  const options = ['--task', task, '--cores', '1', '--no-python'];
  const child = spawn(process.execPath, [program, 'evolve', 'check', right, endless, ...options], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    printed.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    printed.stderr += chunk;
    if (String(chunk).includes('endless.cpp')) child.kill('SIGINT');
  });
  const [status] = await once(child, 'close');
  assert.is(status, 130, printed.stderr);
  assert.match(printed.stdout, /plain\.cpp: right, and/);
  assert.match(printed.stderr, /1 of 2 sources were judged/);
});

stopped.run();
