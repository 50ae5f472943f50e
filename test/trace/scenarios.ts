import { type ArmPlan, planArm } from '../../sim/serving/plan.ts';
import { modelOf } from '../models/fixtures.ts';
import { scenarioOf, tinyModel } from '../serving/scenarios.ts';

export const key = { seed: 7, replication: 0 };

/** Requests of every scenario below; none is left out as warm-up. */
export const requests = 30;

const load = (arrivals: string, candidates = '{kind: lognormal, median: 150, sigma: 1}') =>
  `load: {arrivals: ${arrivals}, candidates: ${candidates}, requests: ${requests}, warm_up: 0 %}`;

const poisson = (rate: number) => load(`{kind: poisson, rate: ${rate} /s}`);

/** Mostly small requests, so that several meet in a batch, and some large ones that need more than one. */
const mixed = (rate: number) =>
  load(`{kind: poisson, rate: ${rate} /s}`, '{kind: lognormal, median: 40, sigma: 1.5}');

/** One scenario for every way that requests can take; each but the calm ones makes tasks wait. */
export const kinds: Record<string, string> = {
  'one host, by itself': `
${load('{kind: serial}')}
serving: {batch_size: 64}
fleet: {main: {workers: 2}}
sharding: {strategy: singular}`,
  'one host, busy': `
${poisson(3000)}
serving: {batch_size: 64}
fleet: {main: {workers: 2}}
sharding: {strategy: singular}`,
  'shards, busy': `
${poisson(2000)}
serving: {batch_size: 64}
fleet: {main: {workers: 3}, sparse: {workers: 1}}
sharding: {strategy: capacity-balanced, shards: 3}`,
  'replicas of hosts and shards, continuations first': `
${poisson(3000)}
serving: {batch_size: 64, scheduling: continuations-first}
fleet:
  main: {workers: 2, replicas: 2, policy: power-of-two}
  sparse: {workers: 1, replicas: 2, policy: least-outstanding}
sharding: {strategy: load-balanced, shards: 2}`,
  'slow links to fast ones': `
${poisson(1000)}
serving: {batch_size: 64}
fleet: {main: {host: sc-large, workers: 4}, sparse: {host: sc-small, workers: 4}, network: localhost}
sharding: {strategy: one-shard}`,
  'clients that wait': `
${load('{kind: closed, clients: 5, think_time: 100 us}')}
serving: {batch_size: 64}
fleet: {main: {workers: 2}}
sharding: {strategy: nsbp, shards: 2}`,
  overload: `
${poisson(1_000_000)}
serving: {batch_size: 32}
fleet: {main: {workers: 1}, sparse: {workers: 1}}
sharding: {strategy: capacity-balanced, shards: 2}`,
  'shared batches': `
${mixed(20_000)}
serving: {dynamic_batching: {max_candidates: 256, max_wait: 200 us}}
fleet: {main: {workers: 2}}
sharding: {strategy: one-shard}`,
  'accelerators with copies of the tables': `
${poisson(30_000)}
serving: {batch_size: whole-request, tables_on: accelerator, streams: 1}
fleet: {main: {host: h100x8, workers: 2, accelerators_used: 2}}
sharding: {strategy: singular}`,
  'accelerators that share the tables, shared batches': `
${mixed(1_000_000)}
serving:
  tables_on: accelerator
  accelerator_tables: sharded
  streams: 2
  dynamic_batching: {max_candidates: 512, max_wait: 100 us}
fleet: {main: {host: h100x8, replicas: 2}}
sharding: {strategy: singular}`,
  'accelerators before shards, small requests on cores': `
${poisson(5000)}
serving: {batch_size: 64, dense_on: accelerator, streams: 1, offload_threshold: 100}
fleet: {main: {host: h100x8, workers: 4, accelerators_used: 2}, sparse: {workers: 1}}
sharding: {strategy: capacity-balanced, shards: 2}`,
  'a tier in front': `
${poisson(500)}
serving: {batch_size: 64, preprocessing_on: tier, split_overhead: {from: 1 ms, to: 2 ms}}
fleet: {main: {workers: 1, replicas: 2}, preprocessing: {host: sc-small, replicas: 2, workers: 1}}
sharding: {strategy: capacity-balanced, shards: 2}`,
  'a tier in front of shared batches': `
${mixed(5000)}
serving:
  preprocessing_on: tier
  split_overhead: {from: 1 ms, to: 2 ms}
  dynamic_batching: {max_candidates: 256, max_wait: 200 us}
fleet: {main: {workers: 1}, preprocessing: {host: sc-small, replicas: 1, workers: 2}}
sharding: {strategy: singular}`,
};

const transforms = modelOf(`name: transforms
nets:
  - {name: n, dense_features: 0, tables: [{name: t, num_embeddings: 9, embedding_dim: 4}], interaction: {kind: cat}, top_mlp: [1]}
preprocessing:
  - {operator: hash, features: 5, values_per_candidate: 2, rows: 1000, fused: false}
`).preprocessing!;

/** The arm of one of these scenarios, with its tables placed. */
export async function planOf(kind: string): Promise<ArmPlan> {
  const yaml = kinds[kind];
  const model = yaml.includes('preprocessing') ? { ...tinyModel, preprocessing: transforms } : tinyModel;
  const { arms } = await scenarioOf(`model: tiny\nseed: 1\n${yaml}`, model);
  return planArm(arms[0]);
}
