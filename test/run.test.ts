import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../foundation/files.ts';
import { runFile, runTests } from './runner.ts';

const limits = { fileS: 20, exitS: 0.5 };

// Written in pieces, so that the rule about suites that are never run does not read them as suites of this file.
const head = [
  "import { suite } from 'uvu';",
  "import * as assert from 'uvu/assert';",
  "const s = suite('s');",
];
const passing = "s('passes', () => {});";
const failing = "s('fails', () => assert.is(1, 2));";
const run = 's.run();';

const files = suite('test runner: one file');

files('counts what passed and what was skipped', async () => {
  const result = await resultOf([...head, passing, "s.skip('later', () => {});", run]);
  assert.equal(countsOf(result), [1, 0, 1]);
  assert.equal(result.faults, []);
});

files('counts failed tests and keeps their output', async () => {
  const result = await resultOf([...head, passing, failing, failing, run]);
  assert.equal(countsOf(result), [1, 2, 0]);
  assert.match(result.output, /Expected values to be strictly equal/);
});

files('fails a file without tests', async () => {
  assert.match(await faultOf([...head, run]), /has no tests/);
  assert.match(await faultOf(['export {};']), /has no tests/);
});

files('fails a suite that is never run, though others pass', async () => {
  const second = "const t = suite('t'); t('unseen', () => {});";
  const result = await resultOf([...head, second, passing, run]);
  assert.match(result.faults.join(), /suite 't' is never run: add t\.run\(\)/);
  assert.equal(countsOf(result), [1, 1, 0]);
});

files('fails an open handle', async () => {
  const result = await resultOf([...head, passing, 'setInterval(() => {}, 1000);', run]);
  assert.match(result.faults.join(), /left an open handle: still running 0\.5 s after its last test/);
  assert.equal(countsOf(result), [1, 1, 0]);
});

files('ends what a test leaves running behind it', async () => {
  const spawn = "import { spawn } from 'node:child_process';";
  const leave = "spawn('sleep', ['60'], { stdio: 'inherit' }).unref();";
  const result = await resultOf([spawn, ...head, passing, leave, run]);
  assert.ok(result.seconds < 15, `took ${result.seconds} s`);
});

files('ends a file at its time limit, which it may set itself', async () => {
  const endless = [
    '// time-limit: 1 s',
    ...head,
    "s('hangs', () => new Promise(() => setInterval(() => {})));",
    run,
  ];
  assert.match(await faultOf(endless), /time limit of 1 s/);
});

files('fails a file that crashes before, or after, its tests', async () => {
  assert.match(await faultOf([...head, "throw new Error('early');"]), /exited with code 1 before its tests/);
  const late = "setTimeout(() => { throw new Error('late'); }, 50);";
  assert.match(
    await faultOf([...head, passing, late, run]),
    /exited with code \d+ although its tests passed/,
  );
  assert.match(await faultOf([...head, passing, run, 'process.exit(0);']), /has no tests: no suite ran/);
});

files.run();

const whole = suite('test runner: all files');

whole('ends with the sums, and prints the output of failing files', async () => {
  await inFolder(async (folder) => {
    mkdirSync(join(folder, 'deep'));
    write(folder, 'good.test.ts', [...head, passing, "s.skip('later', () => {});", run]);
    write(folder, 'deep/bad.test.tsx', [...head, failing, run]);
    write(folder, 'helper.ts', ['export {};']);
    const { lines, passed } = await runAll(folder, []);
    assert.is(passed, false);
    assert.is(lines.at(-1), '1 passed, 1 failed, 1 skipped');
    assert.is(lines.length, 3);
    assert.match(lines.join('\n'), /FAIL .*deep\/bad\.test\.tsx: 0 passed, 1 failed\n[\s\S]*strictly equal/);
    assert.match(lines.join('\n'), /ok .*good\.test\.ts: 1 passed, 1 skipped/);
  });
});

whole('runs only the files that a filter names', async () => {
  await inFolder(async (folder) => {
    write(folder, 'good.test.ts', [...head, passing, run]);
    write(folder, 'bad.test.ts', [...head, failing, run]);
    const { lines, passed } = await runAll(folder, ['goo']);
    assert.is(passed, true);
    assert.is(lines.at(-1), '1 passed, 0 failed, 0 skipped');
  });
});

whole('fails when a filter names nothing, with exit code 1', () => {
  const command = ['--import', 'tsx', 'test/run.ts', 'no-such-test'];
  const { status, stdout } = spawnSync(process.execPath, command, { cwd: packageRoot, encoding: 'utf8' });
  assert.is(status, 1);
  assert.is(stdout.trimEnd().split('\n').at(-1), '0 passed, 1 failed, 0 skipped');
});

whole.run();

async function runAll(folder: string, filters: string[]) {
  const lines: string[] = [];
  const passed = await runTests(folder, filters, (line) => lines.push(line), limits);
  return { lines, passed };
}

async function resultOf(lines: string[]) {
  return await inFolder((folder) => runFile(write(folder, 'fixture.test.ts', lines), limits));
}

async function faultOf(lines: string[]): Promise<string> {
  const { faults, failed } = await resultOf(lines);
  assert.is(failed, 1);
  return faults.join();
}

function countsOf({ passed, failed, skipped }: { passed: number; failed: number; skipped: number }) {
  return [passed, failed, skipped];
}

function write(folder: string, name: string, lines: string[]): string {
  const file = join(folder, name);
  writeFileSync(file, lines.join('\n'));
  return file;
}

/** A folder in which `import 'uvu'` finds this package's. */
async function inFolder<Result>(act: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-runner-'));
  symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
