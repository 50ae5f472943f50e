import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, writeWhole } from '../foundation/files.ts';
import type { Result } from '../sim/result.ts';
import { placementToJson } from '../sim/sharding/placement-file.ts';
import type { PlannedArm } from '../sim/summarise.ts';
import type { DistillationResult } from '../sim/training/distillation-result.ts';
import type { ScenarioBundle } from '../sweep/scenario-bundle.ts';
import { bundleName } from './scenario-source.ts';

/** What a folder keeps of a simulation. */
export interface Kept {
  result: Result;
  planned: readonly PlannedArm[];
  /** Absent where the scenario cannot be kept without its files. */
  bundle: ScenarioBundle | undefined;
}

/** Writes the answer to a scenario of distillation into the folder; each file appears whole or not at all. */
export function writeDistillation(
  folder: string,
  result: DistillationResult,
  bundle: ScenarioBundle | undefined,
): void {
  makeFolder(folder);
  writeBundle(folder, bundle);
  writeWhole(join(folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
}

/** Writes into the folder; each file appears whole or not at all. */
export function writeResult(folder: string, { result, planned, bundle }: Kept): void {
  const placements = join(folder, 'placements');
  makeFolder(placements);
  const taken = new Set<string>();
  for (const entry of planned) {
    if (!('plan' in entry) || entry.plan.placement.shards.length === 0) continue;
    const json = placementToJson(entry.plan.placement, entry.arm.model);
    writeWhole(join(placements, `${fileName(entry.name, taken)}.json`), `${JSON.stringify(json, null, 2)}\n`);
  }
  writeBundle(folder, bundle);
  writeWhole(join(folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
}

function writeBundle(folder: string, bundle: ScenarioBundle | undefined): void {
  if (bundle) writeWhole(join(folder, bundleName), `${JSON.stringify(bundle)}\n`);
  else rmSync(join(folder, bundleName), { force: true });
}

/** An arm's name as a file name that none of those taken equals, in any case; it is taken then. */
function fileName(name: string, taken: Set<string>): string {
  const plain = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '') || 'arm';
  let unique = plain;
  for (let n = 2; taken.has(unique.toLowerCase()); n++) unique = `${plain}-${n}`;
  taken.add(unique.toLowerCase());
  return unique;
}
