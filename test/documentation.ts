import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { packageRoot } from '../foundation/files.ts';

const main = join(packageRoot, 'dist/cli/main.js');

/** Contents of the fenced blocks of a language. */
export function blocks(file: string, language: string): string[] {
  const text = readFileSync(join(packageRoot, file), 'utf8');
  return [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, block]) => block,
  );
}

/** A folder where `npx rankfleet` finds this build, as in a project that installed it. */
export function projectFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rankfleet-docs-'));
  const bin = join(folder, 'node_modules/.bin');
  mkdirSync(bin, { recursive: true });
  const program = join(bin, 'rankfleet');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(program, 0o755);
  return folder;
}

/** What npm says about its own configuration is not ours. */
function withoutNpmWarnings(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('npm '))
    .join('\n');
}

/** Commands that install, test or measure the product itself: the check and the benchmarks have runs of their own. */
const notRunHere = ['npm install && npm start', 'npm install && npm test', 'npm run check', 'npm run bench'];

/** Every command that pages show, in their order, but those of the developers. */
export function commandsOf(pages: readonly string[]): string[] {
  const commands = pages.flatMap((page) => blocks(page, 'sh')).flatMap((block) => block.trim().split('\n'));
  return commands.filter((command) => !notRunHere.includes(command));
}

/** Commands that answer at once; the slow suite runs all of them. */
export function isQuick(command: string): boolean {
  return (
    /rankfleet (list|schema|validate|calibrate --list)/.test(command) || command.endsWith('simulate my.yaml')
  );
}

/** Runs a command of a page, which must succeed, print something, and say on stderr only what it should. */
export function checkCommand(command: string, folder: string): void {
  const { status, stderr, stdout } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
  assert.is(status, 0, `${command}: exit ${status}\n${stdout}\n${stderr}`);
  const isWritten = / report .* --(html|svg|markdown|csv|parquet|json|trace) [^-]/.test(command);
  assert.ok(isWritten || stdout.length > 100, command);
  const said = withoutNpmWarnings(stderr);
  if (isWritten) assert.match(said, /^(wrote \S+ \([^)]*\)\n)+$/, command);
  else if (command.includes('--trace '))
    assert.match(said, /^\S+: \d+ requests of \d+ arms?, .*\n$/, command);
  // An experiment says what it trains on, a calibration how far it is; drivers that are looked for may speak, too.
  else if (!/ (calibrate|distil) /.test(command)) assert.is(said, '', command);
}
