import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { usedCores } from '../../evolve/deploy/used-cores.ts';
import type { NewSession, Session } from '../../evolve/storage/sessions.ts';
import { SearchStore } from '../../evolve/storage/store.ts';
import { InputError } from '../../foundation/problem.ts';
import { isSameValue } from '../../foundation/same-value.ts';
import { searchDatabase } from './search-source.ts';

/**
 * The folder that a search is kept in.
 * @param isResumed whether it is to be one that is there already
 * @throws InputError where there is a search and none was to be resumed, or the other way round, or another one is there
 */
export async function enterFolder(
  folder: string,
  session: NewSession,
  isResumed: boolean,
): Promise<SearchStore> {
  if (!isResumed && existsSync(join(folder, searchDatabase))) {
    throw new InputError(`--out ${folder}: holds a search already; --resume goes on with it`);
  }
  if (!isResumed) return await SearchStore.open(folder);
  const store = await SearchStore.openExisting(folder);
  const known = store.sessions();
  if (known.length === 0 || known.some((one) => differences(one, session).length === 0)) return store;
  store.close();
  const last = known[known.length - 1];
  throw new InputError(
    `--resume: ${folder} holds another search: ${differences(last, session).join('; ')}. State what it was begun with, or another --out`,
  );
}

/** The session of a folder that the same search has begun before, if any. */
export function sameSession(store: SearchStore, session: NewSession): Session | undefined {
  return store.sessions().findLast((one) => differences(one, session).length === 0);
}

/** What two searches differ in, in words; drivers and clocks may differ. */
function differences(there: Session, here: NewSession): string[] {
  const of = ({ task, settings, device }: NewSession): Record<string, unknown> => ({
    task: task.name,
    'task data': task,
    device: device.name,
    cores: usedCores(device),
    language: settings.language,
    'data type': settings.dataType,
    policy: settings.policy.name,
    'policy options': settings.policy.options,
    operator: settings.operator,
    memory: settings.memory,
    seed: settings.seed,
    reuse: settings.reuseRate,
  });
  const [a, b] = [of(there), of(here)];
  const other = Object.keys(a).filter((key) => !isSameValue(a[key], b[key]));
  return other
    .filter((key) => key !== 'task data' || !other.includes('task'))
    .filter((key) => key !== 'policy options' || !other.includes('policy'))
    .map((key) => `${key} ${shown(a[key])}, not ${shown(b[key])}`);
}

function shown(value: unknown): string {
  if (typeof value !== 'object') return String(value);
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
