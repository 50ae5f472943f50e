import { join } from 'node:path';
import { makeFolder, writeWhole } from '../foundation/files.ts';
import type { Result } from '../sim/result.ts';
import { placementToJson } from '../sim/sharding/placement-file.ts';
import type { PlannedArm } from '../sim/summarise.ts';

/** Writes into the folder; each file appears whole or not at all. */
export function writeResult(folder: string, result: Result, planned: readonly PlannedArm[]): void {
  const placements = join(folder, 'placements');
  makeFolder(placements);
  const taken = new Set<string>();
  for (const entry of planned) {
    if (!('plan' in entry) || entry.plan.placement.shards.length === 0) continue;
    const json = placementToJson(entry.plan.placement, entry.arm.model);
    writeWhole(join(placements, `${fileName(entry.name, taken)}.json`), `${JSON.stringify(json, null, 2)}\n`);
  }
  writeWhole(join(folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
}

/** An arm's name as a file name that none of those taken equals, in any case; it is taken then. */
function fileName(name: string, taken: Set<string>): string {
  const plain = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '') || 'arm';
  let unique = plain;
  for (let n = 2; taken.has(unique.toLowerCase()); n++) unique = `${plain}-${n}`;
  taken.add(unique.toLowerCase());
  return unique;
}
