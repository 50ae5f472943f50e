import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { deploymentFolder, isDeployed, isDeploymentOwed } from '../../evolve/deploy/deployment.ts';
import { sharedBy } from '../../evolve/deploy/search-cost.ts';
import { usingCores } from '../../evolve/deploy/used-cores.ts';
import { EvaluatorPool } from '../../evolve/evaluation/evaluator-pool.ts';
import type { DeviceChoice } from '../../evolve/evaluation/messages.ts';
import type { Evaluator } from '../../evolve/evaluator.ts';
import { guidance } from '../../evolve/guidance.ts';
import type { Limits } from '../../evolve/limits.ts';
import { memorySchedule } from '../../evolve/memory.ts';
import { policyOf } from '../../evolve/policies/by-name.ts';
import { reuseFrom } from '../../evolve/reuse.ts';
import type { Variant } from '../../evolve/rewrite/variants.ts';
import { runSearch } from '../../evolve/search.ts';
import { type SearchSetup, sessionOf } from '../../evolve/search-setup.ts';
import { exportSearch } from '../../evolve/storage/export.ts';
import { SearchStore } from '../../evolve/storage/store.ts';
import { writeBack } from '../../evolve/write-back.ts';
import { checkWritableFolder } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import type { BackendName } from '../../harness/device.ts';
import { searchText } from '../../reports/search/search-text.ts';
import { exitCodes } from '../exit-codes.ts';
import { print } from '../print.ts';
import { backendOfSeeds, checkProblem, kernelsToBeginWith } from './beginning.ts';
import { deployBest } from './deploy-best.ts';
import { chosenDevices, languageOf, usualAgents, usualBackend, workersOf } from './devices.ts';
import { failedWithoutDevice } from './no-device.ts';
import { operatorOf } from './operator-of.ts';
import { enterFolder, sameSession } from './search-folder.ts';
import { SearchProgress } from './search-progress.ts';
import { stopSearch } from './stop-search.ts';
import { reportOf } from './stored-search.ts';
import { dataTypeOf, type NamedTask, taskNamed } from './task-named.ts';

/** The options of `rankfleet evolve TASK`. */
export interface SearchOptions extends Limits {
  backend?: BackendName;
  dataType?: string;
  policy: string;
  drafts: number;
  memory: string;
  operator: string;
  model?: string;
  tokens?: number;
  reuse?: number;
  from: string[];
  seed: number;
  agents?: number;
  devices: number;
  cores?: number;
  kernels?: string;
  seedKernels: string[];
  allowTorch?: boolean;
  python: boolean;
  out: string;
  resume?: boolean;
  json?: boolean;
}

/** `rankfleet evolve TASK`: progress to stderr, what came of it to stdout; returns the exit code. */
export async function search(named: string, options: SearchOptions): Promise<number> {
  checkWritableFolder(options.out, '--out');
  await checkReuse(options);
  const allowsTorch = options.allowTorch ?? false;
  let subject: NamedTask;
  let start: Awaited<ReturnType<typeof begin>>;
  let devices: DeviceChoice[];
  try {
    subject = await taskNamed(named, options.kernels, { allowsTorch });
    checkProblem(subject.task, options);
    start = await begin(subject, options);
    devices = await chosenDevices({ ...options, backend: start.backend, onTorchCpu: allowsTorch });
  } catch (error) {
    return failedWithoutDevice(error);
  }
  const { language, dataType, variants } = start;
  const agents = options.agents ?? usualAgents(start.backend) * devices.length;
  const workersPerDevice = workersOf(start.backend, agents / devices.length);
  const plain = subject.task.problem
    ? undefined
    : (variants.find(({ name }) => name === 'plain') ?? variants[0]);
  const pool = new EvaluatorPool({
    devices,
    workersPerDevice,
    usesPython: options.python,
    ...(plain && { baseline: { language, text: plain.text } }),
  });
  try {
    const described = await pool.evaluators[0].describe();
    const used = start.backend === 'cpu' ? usingCores(options.cores, described) : described;
    const device = sharedBy(workersPerDevice, used);
    const about = { task: subject.task, language, dataType, device };
    const setup: SearchSetup = {
      ...about,
      policy: policyOf(options.policy, { drafts: options.drafts }),
      operator: operatorOf(options, variants),
      memory: memorySchedule(options.memory),
      seed: options.seed,
      ...guidance({ skillFolders: options.from }),
      ...(options.from.length > 0 && { reuse: reuseFrom(options.from, about, options.reuse ?? usualReuse) }),
      evaluators: pool.evaluators,
      agents,
      limits: limitsOf(options),
    };
    return await searchIn(subject, setup, { pool, variants }, options);
  } finally {
    await pool.close();
  }
}

/** What a search is written in, and which kernels it begins with. */
async function begin(subject: NamedTask, options: SearchOptions) {
  const { seedKernels, operator } = options;
  const backend = options.backend ?? backendOfSeeds(subject, seedKernels) ?? (await usualBackend(subject));
  const language = languageOf(backend);
  const dataType = dataTypeOf(subject.task, options.dataType);
  const isWritten = operator === 'llm';
  const variants = kernelsToBeginWith(subject, { language, dataType, seedKernels, isWritten });
  return { backend, language, dataType, variants };
}

/** Rate at which memory has brought the most fast kernels in the published comparison. */
const usualReuse = 0.1;

/** A search without any limit ends after as many artifacts as the paper's shortest expansions had. */
const usualSteps = 50;

function limitsOf({ artifacts, threshold, stall, wallClockS }: Limits): Limits {
  const stated: Limits = {
    ...(artifacts !== undefined && { artifacts }),
    ...(threshold !== undefined && { threshold }),
    ...(stall !== undefined && { stall }),
    ...(wallClockS !== undefined && { wallClockS }),
  };
  return Object.keys(stated).length > 0 ? stated : { artifacts: usualSteps };
}

/** Earlier searches are read when an expansion is first shown them: what is wrong with them is said now. */
async function checkReuse({ from, reuse, out }: SearchOptions): Promise<void> {
  if (reuse !== undefined && from.length === 0) {
    throw new InputError('--reuse needs --from: the folders of earlier searches');
  }
  if (from.some((folder) => resolve(folder) === resolve(out))) {
    throw new InputError(`--from ${out}: that is this search; what it finds it knows anyway`);
  }
  for (const folder of from) (await SearchStore.openExisting(folder)).close();
}

async function searchIn(
  { named }: NamedTask,
  setup: SearchSetup,
  { pool, variants }: { pool: EvaluatorPool; variants: readonly Variant[] },
  options: SearchOptions,
): Promise<number> {
  const store = await enterFolder(options.out, sessionOf(setup), options.resume ?? false);
  const stop = stopSearch();
  const stopped = (what: string) => {
    const again = `rankfleet evolve ${named} … --out ${options.out} --resume`;
    process.stderr.write(`${stop.why().word}: ${what}; ${again} goes on\n`);
    return stop.why().code;
  };
  try {
    const found = owedSession(store, setup) ?? (await go(store, setup, stop.signal));
    const { session, hasBest } = found;
    if (found.isStopped) return stopped(`${found.nodes} artifacts are kept in ${options.out}`);
    const isKnown = isDeployed(store.folder, session, found.nodes);
    if (isKnown) process.stderr.write('nothing new since the best kernels were timed to the end\n');
    if (hasBest && !isKnown && !(await finishedBest(store, session, pool, stop.signal))) {
      return stopped(`the search is kept in ${options.out}, its kernels are not timed to the end yet`);
    }
    writeBack(store, session, {
      folder: store.folder,
      origin: `${basename(store.folder)}, session ${session}`,
      variants,
    });
    const report = reportOf(exportSearch(store), options.out, session);
    await print(options.json ? `${JSON.stringify(report, null, 2)}\n` : searchText(report));
    tellWhere(options.out, session);
    return hasBest ? exitCodes.answered : exitCodes.infeasible;
  } finally {
    stop.release();
    store.close();
  }
}

function tellWhere(folder: string, session: number): void {
  const deployed = deploymentFolder(folder, session);
  const kernels = existsSync(deployed) ? `, and what runs for which shape in ${deployed}` : '';
  process.stderr.write(
    `the search is kept in ${folder}${kernels}; rankfleet evolve report ${folder} says this again\n`,
  );
}

/** What a run is left with when it has searched. */
interface Searched {
  session: number;
  nodes: number;
  hasBest: boolean;
  isStopped: boolean;
}

/** A search that was stopped while its kernels were timed to the end owes that before anything else. */
function owedSession(store: SearchStore, setup: SearchSetup): Searched | undefined {
  const session = sameSession(store, sessionOf(setup));
  if (!session || !isDeploymentOwed(store.folder, session.id)) return undefined;
  process.stderr.write(
    'the search was stopped while its best kernels were timed to the end: that comes first; --resume again searches on\n',
  );
  return { session: session.id, nodes: session.step, hasBest: true, isStopped: false };
}

async function go(store: SearchStore, setup: SearchSetup, signal: AbortSignal): Promise<Searched> {
  const progress = new SearchProgress(setup);
  try {
    const { session, nodes, best, reason } = await runSearch(store, setup, {
      signal,
      onEvent: (event) => progress.on(event),
    });
    return { session, nodes, hasBest: best !== undefined, isStopped: reason === 'aborted' };
  } finally {
    progress.end();
  }
}

/** @returns whether it came to its end */
async function finishedBest(
  store: SearchStore,
  session: number,
  evaluator: Evaluator,
  signal: AbortSignal,
): Promise<boolean> {
  process.stderr.write('timing the best kernels to the end, on held-out shapes, too\n');
  try {
    await deployBest(store, session, evaluator, signal);
    return true;
  } catch (error) {
    if (!signal.aborted) throw error;
    return false;
  }
}
