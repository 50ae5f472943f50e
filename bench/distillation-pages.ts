import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../foundation/files.ts';
import { withOutputs } from './shown-outputs.ts';

// Writes what the pages on distillation show of the outputs of commands anew.
const known = new Map<string, string>();

function outputOf(command: string): string {
  const program = `"${process.execPath}" dist/cli/main.js`;
  const output =
    known.get(command) ??
    execFileSync('sh', ['-c', command.replace(/^rankfleet/, program)], {
      cwd: packageRoot,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
  known.set(command, output);
  return output;
}

for (const name of ['distillation', 'distillation-experiment']) {
  const page = join(packageRoot, `docs/${name}.md`);
  writeFileSync(page, withOutputs(readFileSync(page, 'utf8'), outputOf));
}
