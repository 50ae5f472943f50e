import { exportText, writeExport } from '../../evolve/storage/export.ts';
import { exitCodes } from '../exit-codes.ts';
import { print } from '../print.ts';
import { checkOutputs, stdout } from '../report-targets.ts';
import { searchAt } from './stored-search.ts';

/** `rankfleet evolve export`: a whole search as one JSON file, which `replay` and `report` read, too. */
export async function exportTo(folder: string, file: string): Promise<number> {
  checkOutputs([{ option: 'FILE', named: file }], folder);
  const search = await searchAt(folder);
  if (file === stdout) {
    await print(exportText(search));
    return exitCodes.answered;
  }
  writeExport(file, search);
  process.stderr.write(
    `wrote ${file} (${search.nodes.length} nodes, ${Object.keys(search.artifacts).length} sources)\n`,
  );
  return exitCodes.answered;
}
