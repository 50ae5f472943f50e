import { type ReplayedSession, replay } from '../../evolve/replay/replay.ts';
import { formatPercent, significant } from '../../foundation/units.ts';
import { textTable } from '../../reports/text-table.ts';
import { exitCodes } from '../exit-codes.ts';
import { usualTarget } from './search-data.ts';
import { searchAt } from './stored-search.ts';

export interface ReplayOptions {
  target?: number;
  json?: boolean;
}

/** `rankfleet evolve replay`: derives the results of a search anew from its nodes; 1 where they differ from what is kept. */
export async function replaySearch(
  path: string,
  { target = usualTarget, json = false }: ReplayOptions,
): Promise<number> {
  const search = await searchAt(path);
  const sessions = replay(search, target);
  process.stdout.write(json ? `${JSON.stringify(sessions, null, 2)}\n` : table(sessions, target));
  const isSame = sessions.every(
    ({ wrongScores, otherChoices }) => wrongScores.length === 0 && otherChoices.length === 0,
  );
  if (isSame) return exitCodes.answered;
  for (const { session, wrongScores, otherChoices } of sessions) {
    for (const { node, stored, derived } of wrongScores) {
      process.stderr.write(
        `session ${session.id}, node ${node}: a score of ${significant(stored)} is kept, its timings give ${significant(derived)}\n`,
      );
    }
    for (const { node, stored, derived } of otherChoices) {
      process.stderr.write(
        `session ${session.id}, node ${node}: made from ${stored.join(', ') || 'nothing'}, the policy would choose ${derived?.join(', ') || 'nothing'}\n`,
      );
    }
  }
  return exitCodes.failed;
}

function table(sessions: readonly ReplayedSession[], target: number): string {
  const columns = [
    { title: 'session' },
    { title: 'task', align: 'left' as const },
    { title: 'policy', align: 'left' as const },
    { title: 'seed' },
    { title: 'nodes' },
    { title: 'failed' },
    { title: 'right ones ≥ 1×' },
    { title: `steps to ${significant(target)}×` },
    { title: 'best' },
    { title: 'devices busy' },
    { title: 'other scores' },
    { title: 'other choices' },
  ];
  const rows = sessions.map(({ session, summary, deviceUtilisation, wrongScores, otherChoices }) => [
    String(session.id),
    session.task.name,
    session.settings.policy.name,
    String(session.settings.seed),
    String(summary.nodes),
    formatPercent(summary.buggyRate),
    summary.meetsReference === undefined ? 'none' : formatPercent(summary.meetsReference),
    summary.stepsToTarget === undefined ? 'never' : String(summary.stepsToTarget),
    `${significant(summary.best)}×`,
    deviceUtilisation === undefined ? 'unknown' : formatPercent(deviceUtilisation),
    String(wrongScores.length),
    String(otherChoices.length),
  ]);
  return `${textTable(columns, rows)}\n`;
}
