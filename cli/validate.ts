import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { significant } from '../foundation/units.ts';
import { textTable } from '../reports/text-table.ts';
import {
  type Check,
  checkQueueing,
  defaultUtilisations,
  queueingModels,
} from '../sim/queueing/validation.ts';
import { exitCodes } from './exit-codes.ts';

export interface ValidateOptions {
  model?: string;
  servers?: number;
  rho?: number;
  seed?: number;
  json?: boolean;
}

/** `rankfleet validate queueing`: exit code 1 when a check fails. */
export function validate(what: string, { model, servers, rho, seed = 1, json }: ValidateOptions): number {
  if (what !== 'queueing') throw new InputError(`cannot validate '${what}'; there is queueing`);
  const models = queueingModels.filter((name) => model === undefined || name === model);
  if (models.length === 0) {
    throw new InputError(
      `no queueing model '${model}'${didYouMean(model ?? '', queueingModels)}; there are ${queueingModels.join(', ')}`,
    );
  }
  checkServers(models, servers);
  const checks: Check[] = [];
  for (const check of checkQueueing({
    models,
    servers,
    utilisations: rho === undefined ? defaultUtilisations : [rho],
    seed,
  })) {
    checks.push(check);
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${check.label} at ρ ${check.utilisation} done`);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
  process.stdout.write(json ? `${JSON.stringify(checks, null, 2)}\n` : report(checks));
  return checks.every(({ holds }) => holds) ? exitCodes.answered : exitCodes.failed;
}

function checkServers(models: readonly string[], servers: number | undefined): void {
  if (servers === undefined) return;
  const takers = models.filter((name) => name === 'mmc' || name === 'forkjoin');
  if (takers.length === 0)
    throw new InputError(`--servers applies to mmc and forkjoin, not to ${models.join(', ')}`);
  if (takers.includes('forkjoin') && (servers < 2 || servers > 32)) {
    throw new InputError(
      `a fork-join has 2 to 32 branches (the theory goes no further), got --servers ${servers}`,
    );
  }
}

function report(checks: Check[]): string {
  const rows = checks.map((check) => [
    check.label,
    String(check.utilisation),
    check.measuredUtilisation.toFixed(3),
    check.quantity,
    `${significant(check.theoryS, 4)}${check.isApproximation ? ' ≈' : ''}`,
    significant(check.simulated.mean, 4),
    `${significant(check.simulated.low!, 4)} – ${significant(check.simulated.high!, 4)}`,
    check.holds ? 'holds' : 'FAILS',
  ]);
  const columns = ['model', 'ρ', 'ρ seen', 'quantity', 'theory s', 'simulated s', 'interval s', 'verdict'];
  const table = textTable(
    columns.map((title, index) => ({
      title,
      align: index === 0 || index === 3 || index === 7 ? 'left' : 'right',
    })),
    rows,
  );
  const failed = checks.filter(({ holds }) => !holds).length;
  const little = Math.max(...checks.map(({ littleError }) => littleError));
  const together =
    checks.length === 1
      ? 'The interval holds'
      : `The intervals are widened so that all ${checks.length} hold together`;
  return `${table}

Service takes 1 s on average; 20 replications a row. ${together} at 95 %: one run
in twenty misses by chance.${checks.some(({ isApproximation }) => isApproximation) ? ' ≈ is an approximation, given 5 % on top.' : ''}
Little's law (jobs in system = rate × response) holds to ${little.toExponential(1)} in every replication.
${failed > 0 ? `${failed} of ${checks.length} checks FAIL.` : checks.length === 1 ? 'The check holds.' : `All ${checks.length} checks hold.`}
`;
}
