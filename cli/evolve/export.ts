import { writeExport } from '../../evolve/storage/export.ts';
import { checkWritableFile } from '../../foundation/files.ts';
import { exitCodes } from '../exit-codes.ts';
import { searchAt } from './stored-search.ts';

/** `rankfleet evolve export`: a whole search as one JSON file, which `replay` and `report` read, too. */
export async function exportTo(folder: string, file: string): Promise<number> {
  checkWritableFile(file, 'FILE');
  const search = await searchAt(folder);
  writeExport(file, search);
  process.stderr.write(
    `wrote ${file} (${search.nodes.length} nodes, ${Object.keys(search.artifacts).length} sources)\n`,
  );
  return exitCodes.answered;
}
