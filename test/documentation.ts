import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
export function withoutNpmWarnings(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('npm '))
    .join('\n');
}
