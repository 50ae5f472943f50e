import { formatPath, type SourceDocument } from '../foundation/document.ts';
import { formatProblem, InputError } from '../foundation/problem.ts';
import { withPath } from '../scenarios/merge.ts';
import { type Library, type ReadScenario, readScenario, resolveArm } from '../scenarios/resolve.ts';
import type { ScenarioSettings } from '../scenarios/schema.ts';
import { armRow, rowWithout } from '../sim/row-of-result.ts';
import { hasKnownErrors } from '../sim/run.ts';
import { type ArmPlan, planArm } from '../sim/serving/plan.ts';
import { simulateReplication } from '../sim/serving/replication.ts';
import { CapacityError } from '../sim/sharding/capacity-error.ts';
import { type ArmOutcomes, summariseArm } from '../sim/summarise.ts';
import type { ArmRow, PointResult, PointTask } from '../sim/sweep-result.ts';
import { bundledLibrary } from './bundled-files.ts';
import { dominators, pilotReplications } from './dominance.ts';
import type { SweepBundle } from './point.ts';

/**
 * Simulates every arm of a point. Pure: the same bundle and task give the same rows on any machine and in any order.
 * What is worked out of a bundle is kept while the same bundle object is passed.
 * A point that is wrong, does not fit or fails has rows that say so; nothing is thrown.
 */
export async function evaluatePoint(bundle: SweepBundle, task: PointTask): Promise<PointResult> {
  return (await evaluateUnlessStopped(bundle, task, () => false)) as PointResult;
}

/** As `evaluatePoint`; asks between replications whether to stop, and gives nothing if so. */
export async function evaluateUnlessStopped(
  bundle: SweepBundle,
  task: PointTask,
  isStopped: () => boolean,
): Promise<PointResult | undefined> {
  try {
    return { ...task, rows: await rowsOf(bundle, task, isStopped) };
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    return { ...task, rows: [rowOfError('', error)] };
  }
}

class Stopped extends Error {}

/** An arm on its way to a row. */
interface Contender {
  name: string;
  /** Absent once there is nothing more to simulate. */
  plan?: ArmPlan;
  outcomes: { nominal: ArmOutcomes['nominal'][number][]; perturbed: ArmOutcomes['perturbed'][number][] };
  row?: ArmRow;
}

const libraries = new WeakMap<SweepBundle, Library>();

async function rowsOf(
  bundle: SweepBundle,
  { values }: PointTask,
  isStopped: () => boolean,
): Promise<ArmRow[]> {
  const library = libraries.get(bundle) ?? bundledLibrary(bundle.files);
  libraries.set(bundle, library);
  const document = documentAt(bundle, values);
  const scenario = readScenario(document);
  const arms: Contender[] = [];
  for (const index of scenario.variants.keys()) arms.push(await planned(document, scenario, index, library));
  const { settings } = scenario;
  const { replications } = settings;
  const hasPilot = bundle.earlyStop && replications > pilotReplications && arms.length > 1;
  const rounds = hasPilot ? [pilotReplications, replications] : [replications];
  for (const until of rounds) {
    for (const arm of arms) simulate(arm, settings, until, isStopped);
    if (until < replications) stopDominated(arms, settings);
  }
  return arms.map((arm) => arm.row ?? figures(arm, settings));
}

/** The scenario of a point. Problems name the field, but no file: rows are the same wherever they are made. */
function documentAt({ scenario, fields }: SweepBundle, values: PointTask['values']): SourceDocument {
  return {
    file: '',
    value: fields.reduce<unknown>(
      (value, field, index) => withPath(value, field.split('.'), values[index]),
      scenario,
    ),
    problemAt: (path, message) => ({ path: formatPath(path), message }),
  };
}

async function planned(
  document: SourceDocument,
  { variants, specs }: ReadScenario,
  index: number,
  library: Library,
): Promise<Contender> {
  const { name } = variants[index];
  const outcomes = { nominal: [], perturbed: [] };
  try {
    const { arm, placementFile } = await resolveArm(document, variants[index], specs[index], library);
    return { name, outcomes, plan: await planArm(arm, placementFile) };
  } catch (error) {
    return { name, outcomes, row: rowOfError(name, error) };
  }
}

/** Simulates the replications that an arm lacks. */
function simulate(
  contender: Contender,
  { seed }: ScenarioSettings,
  until: number,
  isStopped: () => boolean,
): void {
  const { plan, outcomes, name } = contender;
  if (!plan || contender.row) return;
  const run = (replication: number, withCostErrors: boolean) => {
    if (isStopped()) throw new Stopped();
    return simulateReplication(plan, { seed, replication, ...(withCostErrors && { withCostErrors }) });
  };
  try {
    for (let replication = outcomes.nominal.length; replication < until; replication++) {
      outcomes.nominal.push(run(replication, false));
      if (hasKnownErrors(plan.arm)) outcomes.perturbed.push(run(replication, true));
    }
  } catch (error) {
    if (error instanceof Stopped) throw error;
    contender.row = rowOfError(name, error);
  }
}

/** Settles the arms that are surely worse than another one after the pilot. */
function stopDominated(arms: readonly Contender[], settings: ScenarioSettings): void {
  const running = arms.filter(({ row }) => !row);
  const pilot = running.map((arm) => ({
    row: figures(arm, settings),
    load: JSON.stringify(arm.plan?.arm.load),
  }));
  dominators(pilot, settings.sla?.percentile ?? 'p99').forEach((winner, index) => {
    if (winner === undefined) return;
    const { row } = pilot[index];
    const reason = `after ${pilotReplications} replications surely no cheaper and slower than '${winner}'; ${row.reason}`;
    running[index].row = { ...row, dominated: true, reason };
  });
}

function figures({ name, plan, outcomes }: Contender, settings: ScenarioSettings): ArmRow {
  if (!plan) throw new Error(`arm '${name}' was not planned`);
  return armRow(summariseArm({ settings }, { name, arm: plan.arm, plan }, outcomes, undefined));
}

function rowOfError(arm: string, error: unknown): ArmRow {
  if (error instanceof CapacityError) return rowWithout(arm, 'DOES NOT FIT', error.message);
  if (error instanceof InputError) {
    return rowWithout(arm, 'BAD INPUT', error.problems.map(formatProblem).join('; '));
  }
  return rowWithout(arm, 'FAILED', (error as Error).message);
}
