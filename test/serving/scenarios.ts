import * as assert from 'uvu/assert';
import { parseYaml } from '../../foundation/document.ts';
import { loadHost, loadNetwork } from '../../hardware-profiles/files.ts';
import { loadModel } from '../../models/files.ts';
import type { Model } from '../../models/model.ts';
import type { ResolvedScenario } from '../../scenarios/deployment.ts';
import { resolveScenario } from '../../scenarios/resolve.ts';
import type { ArmResult, Measured, Result } from '../../sim/result.ts';
import { runScenario } from '../../sim/run.ts';
import { planArm } from '../../sim/serving/plan.ts';
import { type ReplicationOutcome, simulateReplication } from '../../sim/serving/replication.ts';
import { modelOf } from '../models/fixtures.ts';

/** Two nets of four tables each, three read for every candidate and one for the user; nothing is random. */
export const tinyModel = modelOf(`name: tiny
nets:
${['one', 'two']
  .map(
    (net) => `
  - name: ${net}
    dense_features: 16
    bottom_mlp: [64, 32]
    interaction: {kind: cat}
    top_mlp: [64, 1]
    tables:
      - {group: ${net}-candidate, count: 3, num_embeddings: 2000000, embedding_dim: 32, pooling_factor: 5, level: candidate, pooling_distribution: {kind: fixed}}
      - {name: ${net}-user, num_embeddings: 2000000, embedding_dim: 64, pooling_factor: 20, level: user, pooling_distribution: {kind: fixed}}`,
  )
  .join('\n')}
`);

/** Resolves a scenario from YAML; the model \`tiny` is the one above unless another is given. */
export function scenarioOf(yaml: string, model: Model = tinyModel): Promise<ResolvedScenario> {
  const unused = () => assert.unreachable('no such file in this test') as never;
  const library = {
    model: (name: string) => (name === 'tiny' ? model : loadModel(name)),
    host: (name: string) => loadHost(name),
    network: (name: string) => loadNetwork(name),
    placement: unused,
    trace: unused,
    constants: unused,
  };
  return resolveScenario(parseYaml(yaml, 'scenario.yaml'), library, 'test');
}

/** One replication of the only arm of a scenario. */
export async function simulate(yaml: string, { seed = 1, replication = 0, model = tinyModel } = {}) {
  const { arms } = await scenarioOf(yaml, model);
  const plan = await planArm(arms[0]);
  return { plan, outcome: simulateReplication(plan, { seed, replication }) };
}

/** Runs all arms of a scenario. */
export async function answer(yaml: string, model: Model = tinyModel): Promise<Result> {
  return runScenario(await scenarioOf(yaml, model), 'test');
}

export function armOf({ arms }: Result, name: string): ArmResult & { measured: Measured } {
  const arm = arms.find((each) => each.name === name);
  assert.ok(arm?.measured, `no figures for arm '${name}'`);
  return arm as ArmResult & { measured: Measured };
}

/** A scenario on the tiny model: what it shares, and the lines given. */
export function tiny(lines: string): string {
  return `model: tiny\nseed: 1\n${lines}`;
}

/** Mean utilisation of a resource of a host group. */
export function use({ resources }: ReplicationOutcome, group: string, resource: string): number {
  const found = resources.find((each) => each.group === group && each.resource === resource);
  assert.ok(found, `no ${resource} of ${group}`);
  return found!.utilisation;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function near(value: number, expected: number, relative = 1e-9): void {
  assert.ok(
    Math.abs(value - expected) <= relative * Math.abs(expected) + 1e-15,
    `${value}, expected ${expected}`,
  );
}
