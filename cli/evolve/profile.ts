import { type Deployment, needDeployment } from '../../evolve/deploy/deployment.ts';
import { measuredRows } from '../../evolve/deploy/measured-rows.ts';
import { writeEvolvedProfile } from '../../evolve/deploy/profile.ts';
import { finalRules } from '../../evolve/evaluation/rounds.ts';
import { counted } from '../../foundation/counted.ts';
import { checkWritableFolder } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import { searchedOperators } from '../../hardware-profiles/operators-measured.ts';
import { wrap } from '../../reports/text-table.ts';
import { today } from '../calibrate.ts';
import { exitCodes } from '../exit-codes.ts';
import { productVersion } from '../product.ts';
import { searchAt, sessionIn } from './stored-search.ts';

export interface ProfileOptions {
  session?: number;
  out: string;
}

/** `, on 1 core` of a CPU. */
export function onCores({ cores }: Pick<Deployment, 'cores'>): string {
  return cores > 0 ? `, on ${counted(cores, 'core')}` : '';
}

/** `rankfleet evolve profile`: the device as it is with the kernels of a search, for scenarios to name; returns the exit code. */
export async function writeProfileOf(path: string, { session: id, out }: ProfileOptions): Promise<number> {
  checkWritableFolder(out, '--out');
  const search = await searchAt(path);
  const session = sessionIn(search, path, id);
  const deployment = needDeployment(search.deployments ?? [], path, session.id);
  if (deployment.operator === 'problem') {
    throw new InputError(`${path}: a search for a problem file: no simulated model has such an operator`);
  }
  const { device: about } = session;
  const points = measuredRows(deployment, { rounds: finalRules.least });
  if (points.length === 0) {
    process.stderr.write(
      `no row of ${deployment.task} runs a kernel: everything falls back, and nothing changes\n`,
    );
    return exitCodes.infeasible;
  }
  const written = writeEvolvedProfile(out, deployment, points, {
    about,
    date: today(),
    version: productVersion(),
  });
  const isPriced = !searchedOperators.includes(deployment.operator);
  const use = isPriced
    ? `A scenario that names ${written.files[0]} as its device is simulated and planned with them.`
    : `No simulated model is made of ${deployment.operator}: the rows are kept, but change no simulation; rankfleet evolve apply says what they would do.`;
  process.stdout.write(
    `${wrap(`${written.added} rows of ${deployment.operator} (${deployment.dataType}, evolved${onCores(deployment)}) beside ${written.before} points that were measured before, in ${written.folder}. ${use}`, 100)}\n`,
  );
  return exitCodes.answered;
}
