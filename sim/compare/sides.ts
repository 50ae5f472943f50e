import { InputError } from '../../foundation/problem.ts';
import type { ResolvedScenario } from '../../scenarios/deployment.ts';
import type { Result } from '../result.ts';
import { type Job, jobsOf, outcomesByArm, planScenario } from '../run.ts';
import type { ArmOutcomes } from '../samples.ts';
import type { ReplicationOutcome } from '../serving/replication.ts';
import { summarise } from '../summarise.ts';
import type { Matched } from './match-arms.ts';

/** A or B as it was named: something to simulate, or what was simulated before. */
export type GivenSide = { source: string } & (
  | { kind: 'scenario'; scenario: ResolvedScenario; setAside?: string }
  | { kind: 'result'; result: Result }
);

/** A or B with its answer. */
export interface Side {
  source: string;
  kind: 'scenario' | 'result';
  result: Result;
  /** Of a scenario: what was simulated, by name of the arm. */
  simulated?: { scenario: ResolvedScenario; outcomes: Map<string, ArmOutcomes> };
  /** What the scenario says of its sampling, where that gave way to what the other side has. */
  setAside?: string;
}

/** Simulates jobs somewhere; the outcomes stand in the order of the jobs. */
export type Runner = (jobs: readonly Job[]) => Promise<ReplicationOutcome[]>;

/** Names of the arms of a side. */
export function armNames(side: GivenSide): string[] {
  return (side.kind === 'scenario' ? side.scenario : side.result).arms.map(({ name }) => name);
}

export interface SharedSettings {
  seed?: number | undefined;
  replications?: number | undefined;
}

/**
 * Both sides with one seed, one number of replications and one confidence level, so that they answer the same
 * requests: those asked for, else those of a result, which has them already, else those of A.
 * @throws InputError where a result cannot do what was asked, and where confidence levels of results differ
 */
export function withSharedSettings(
  [a, b]: readonly [GivenSide, GivenSide],
  asked: SharedSettings,
): [GivenSide, GivenSide] {
  if (a.kind === 'result' && b.kind === 'result') {
    if (asked.seed !== undefined || asked.replications !== undefined) {
      throw new InputError(
        '--seed and --replications: both sides are results, which have been simulated already; name a scenario',
      );
    }
    const [ofA, ofB] = [a, b].map(({ result }) => result.scenario.confidence);
    if (ofA !== ofB) {
      throw new InputError(
        `A has intervals of ${ofA * 100} % and B of ${ofB * 100} %: simulate one of them again with the confidence of the other`,
      );
    }
    return [a, b];
  }
  const lead = settingsOf(a.kind === 'scenario' && b.kind === 'result' ? b : a);
  const shared = {
    seed: asked.seed ?? lead.seed,
    replications: asked.replications ?? lead.replications,
    confidence: lead.confidence,
  };
  const adapted = (side: GivenSide): GivenSide => {
    if (side.kind === 'result') return side;
    const { settings } = side.scenario;
    const setAside = [
      ...(asked.seed === undefined && settings.seed !== shared.seed ? [`seed ${settings.seed}`] : []),
      ...(asked.replications === undefined && settings.replications !== shared.replications
        ? [`${settings.replications} replications`]
        : []),
      ...(settings.confidence !== shared.confidence ? [`confidence ${settings.confidence * 100} %`] : []),
    ];
    return {
      ...side,
      scenario: { ...side.scenario, settings: { ...settings, ...shared } },
      ...(setAside.length > 0 && { setAside: setAside.join(', ') }),
    };
  };
  return [adapted(a), adapted(b)];
}

/** What decides which requests a side answers, and how sure its figures are. */
export function settingsOf(side: GivenSide): { seed: number; replications: number; confidence: number } {
  if (side.kind === 'scenario') {
    const { seed, replications, confidence } = side.scenario.settings;
    return { seed, replications, confidence };
  }
  const { fingerprint, scenario } = side.result;
  return {
    seed: fingerprint.seed,
    replications: scenario.replications,
    confidence: scenario.confidence,
  };
}

/** Simulates the arms that are compared, of every side that is a scenario. */
export async function answered(
  sides: readonly [GivenSide, GivenSide],
  { pairs }: Matched,
  run: Runner,
  product: string,
): Promise<[Side, Side]> {
  const prepared = await Promise.all(
    sides.map(async (side, index) => {
      if (side.kind === 'result') return { side, jobs: [] };
      const wanted = new Set(pairs.map((pair) => (index === 0 ? pair.a : pair.b)));
      const arms = side.scenario.arms.filter(({ name }) => wanted.has(name));
      const scenario = { ...side.scenario, arms };
      const planned = await planScenario(scenario);
      return { side, scenario, planned, jobs: jobsOf(scenario, planned) };
    }),
  );
  const outcomes = await run(prepared.flatMap(({ jobs }) => jobs));
  let start = 0;
  const [a, b] = prepared.map(({ side, scenario, planned, jobs }): Side => {
    const own = outcomes.slice(start, start + jobs.length);
    start += jobs.length;
    if (side.kind === 'result') return { source: side.source, kind: 'result', result: side.result };
    const byArm = outcomesByArm(planned!, jobs, own);
    return {
      source: side.source,
      kind: 'scenario',
      ...(side.setAside !== undefined && { setAside: side.setAside }),
      result: summarise(scenario!, planned!, byArm, product),
      simulated: {
        scenario: scenario!,
        outcomes: new Map(planned!.map(({ name }, index) => [name, byArm[index]])),
      },
    };
  });
  return [a, b];
}
