import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { resultSchema } from '../../sim/result.ts';
import { Folder, smallScenario } from '../scenarios/folder.ts';
import { program } from './program.ts';

const life = suite('rankfleet: pipes and signals');

const folder = new Folder();
folder.write('ok.yaml', smallScenario);
folder.write(
  'long.yaml',
  smallScenario.replace('requests: 40', 'requests: 4000').replace('replications: 3', 'replications: 40'),
);
life.after(() => folder.remove());

/** A command line of the shell, with `rankfleet` in it. */
function shell(line: string): { status: number | null; stdout: string; stderr: string } {
  const text = `set -o pipefail; rankfleet() { '${process.execPath}' '${program}' "$@"; }; ${line}`;
  return spawnSync('bash', ['-c', text], { cwd: folder.path, encoding: 'utf8' });
}

life('a reader that closes early is no crash', () => {
  for (const line of [
    'rankfleet simulate ok.yaml | head -1',
    'rankfleet simulate ok.yaml --json | head -1',
    'rankfleet list models drm1-like --json | head -1',
    'rankfleet schema model | head -1',
  ]) {
    const { status, stdout, stderr } = shell(line);
    assert.is(stderr, '', line);
    assert.is(status, 0, line);
    assert.is(stdout.split('\n').length, 2, line);
  }
});

life('a closed stderr keeps the exit code of bad input', () => {
  assert.is(shell('rankfleet simulate nothing.yaml 2>&-').status, 2);
});

life('data and problems go separate ways', () => {
  const { stdout } = shell('rankfleet simulate ok.yaml 2>/dev/null | grep -c "^one"');
  assert.ok(Number(stdout) >= 1);
  assert.is(shell('rankfleet simulate nothing.yaml 2>/dev/null').stdout, '');
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  for (const afterMs of [0, 300, 600, 1200]) {
    life(`${signal} after ${afterMs} ms leaves a whole result or none`, async () => {
      const out = `${signal}-${afterMs}`;
      await interrupted(['simulate', 'long.yaml', '--out', out], signal, afterMs);
      const result = join(folder.path, out, 'result.json');
      if (existsSync(result)) resultSchema.parse(JSON.parse(readFileSync(result, 'utf8')));
      const placements = join(folder.path, out, 'placements');
      const files = existsSync(placements) ? readdirSync(placements) : [];
      for (const file of files.filter((name) => name.endsWith('.json'))) {
        assert.ok(JSON.parse(readFileSync(join(placements, file), 'utf8')).shards);
      }
    });
  }
}

life.run();

/** Starts a command and sends it a signal; resolves when it has ended. */
function interrupted(args: string[], signal: NodeJS.Signals, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, [program, ...args], { cwd: folder.path, stdio: 'ignore' });
  const timer = setTimeout(() => child.kill(signal), afterMs);
  return new Promise((resolve) => {
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
