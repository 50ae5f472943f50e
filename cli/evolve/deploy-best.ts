import { beginDeployment, type Deployment, writeDeployment } from '../../evolve/deploy/deployment.ts';
import { dispatchRows, type Finalist, kindsOf } from '../../evolve/deploy/dispatch-table.ts';
import { finalistNodes, judgeFinalists } from '../../evolve/deploy/finalists.ts';
import { usedCores } from '../../evolve/deploy/used-cores.ts';
import type { Evaluator } from '../../evolve/evaluator.ts';
import type { SearchStore } from '../../evolve/storage/store.ts';

/** Kernels that are timed to the end: the best one, and the fastest of single shapes. */
const mostFinalists = 4;

/** Times the best kernels of a session to the end and writes their dispatch table with their sources. @returns the files */
export async function deployBest(
  store: SearchStore,
  id: number,
  evaluator: Evaluator,
  signal: AbortSignal,
): Promise<string[]> {
  beginDeployment(store.folder, id);
  const session = store.session(id);
  const nodes = finalistNodes(store, session, mostFinalists);
  const { task, settings, device } = session;
  const shapes = task.search.length + task.heldOut.length;
  const { finalists, rejected } = await judgeFinalists(store, session, nodes, evaluator, {
    signal,
    onKernel: ({ node, number, of }) =>
      process.stderr.write(`kernel ${number} of ${of} (node ${node}) on ${shapes} shapes\n`),
  });
  const rows = dispatchRows(task, finalists);
  return writeDeployment(store, {
    format: 'rankfleet-dispatch',
    version: 1,
    session: id,
    nodes: session.step,
    task: task.name,
    operator: task.operator,
    dataType: settings.dataType,
    language: settings.language,
    device: device.name,
    cores: usedCores(device),
    rows,
    kinds: rows.length > 0 ? kindsOf(rows) : [],
    rejected,
    ...countersOf(finalists),
  });
}

/** Of finalists that have them; else why there are none, where they could have been. */
function countersOf(finalists: readonly Finalist[]): Pick<Deployment, 'counters' | 'uncounted'> {
  const counters = finalists.flatMap(({ kernel, evaluation: { resources } }) =>
    resources?.counters && resources.countedOn
      ? [{ kernel, shape: resources.countedOn, counters: { ...resources.counters } }]
      : [],
  );
  const uncounted = finalists.find(({ evaluation }) => evaluation.uncounted !== undefined)?.evaluation
    .uncounted;
  if (counters.length > 0) return { counters };
  return uncounted === undefined ? {} : { uncounted };
}
