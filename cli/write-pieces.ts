import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { counted } from '../foundation/counted.ts';
import { actualPath, makeFolder, writeWhole } from '../foundation/files.ts';
import { InputError } from '../foundation/problem.ts';
import { formatBytes } from '../foundation/units.ts';
import type { Piece } from './exporters.ts';
import { print } from './print.ts';
import { stdout } from './report-targets.ts';

/**
 * Writes files, each whole or not at all, and says so on stderr.
 * @throws InputError before anything is written, where two of them would be the same file
 */
export async function writePieces(pieces: readonly Piece[]): Promise<void> {
  checkDistinct(pieces);
  for (const piece of pieces) await writePiece(piece);
}

/** A chart may be called like the file of another option. */
function checkDistinct(pieces: readonly Piece[]): void {
  const files = pieces.map(({ file }) => (file === stdout ? file : actualPath(file)));
  const twice = files.find((file, index) => files.indexOf(file) < index);
  if (twice !== undefined) throw new InputError(`two options write ${twice}: choose another name`);
}

async function writePiece({ file, content, rows }: Piece): Promise<void> {
  if (file === stdout) {
    for (const part of content) await print(part);
    return;
  }
  makeFolder(dirname(file));
  writeWhole(actualPath(file), content);
  const size = formatBytes(statSync(file).size);
  process.stderr.write(`wrote ${file} (${size}${rows === undefined ? '' : `, ${counted(rows, 'row')}`})\n`);
}
