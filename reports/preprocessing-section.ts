import { formatTime } from '../foundation/units.ts';
import type { ArmResult, Result } from '../sim/result.ts';
import { wrap } from './text-table.ts';

/** Width that running text is wrapped to. */
const lineWidth = 100;

/** Where each arm preprocesses, and why; empty where no model has preprocessing. */
export function preprocessingSection(result: Result): string {
  const lines = preprocessingInWords(result);
  return lines.length > 0 ? ['Preprocessing', ...lines].map((line) => wrap(line, lineWidth)).join('\n') : '';
}

/** The same as sentences. */
export function preprocessingInWords({ arms }: Result): string[] {
  return arms.flatMap((arm) => (arm.preprocessing ? [`${arm.name}: ${inWords(arm)}`] : []));
}

function inWords({ preprocessing, fleet }: ArmResult): string {
  const { on, device, missing, assumed, overheadS } = preprocessing!;
  const taken = assumed.length > 0 ? `, taking that for ${assumed.join(', ')} as written` : '';
  if (on === 'main') return `on ${device}${taken}`;
  const hosts = fleet.preprocessingHosts!;
  const why = missing.length > 0 ? `${device} has no kernel for ${missing.join(', ')}` : 'as the arm asks';
  const added = overheadS
    ? `, which adds ${formatTime(overheadS.from)} to ${formatTime(overheadS.to)} (${overheadS.evidence}) beside its work`
    : '';
  return `on a tier of ${hosts} ${fleet.preprocessingHost} in front${added}; ${why}${taken}`;
}
