import { loadHost, loadNetwork } from '../../../hardware-profiles/files.ts';
import type { Host } from '../../../hardware-profiles/profile.ts';
import type { TrainingJob } from '../../../sim/training/step/training-job.ts';
import { gpu, hostWith } from '../../cost/synthetic.ts';
import { modelOf } from '../../models/fixtures.ts';

/** Six tables of 3.4 GB in one net of 16-bit arithmetic. */
export const smallModel = modelOf(`name: small
nets:
  - name: rank
    data_type: fp16
    dense_features: 64
    bottom_mlp: [256, 64]
    interaction: {kind: dcnv2, layers: 2, rank: 64}
    top_mlp: [512, 256, 1]
    tables:
      - {group: ad, count: 4, num_embeddings: 2000000, embedding_dim: 64, data_type: fp16, pooling_factor: 2, pooling_distribution: {kind: fixed}}
      - {group: user, count: 2, num_embeddings: 5000000, embedding_dim: 128, data_type: fp16, level: user, pooling_factor: 20, pooling_distribution: {kind: fixed}}
`);

/** A host of eight unmeasured accelerators in round figures. */
export const roundHost: Host = hostWith(gpu());

/** The small model on one host of eight H200, 4096 examples each, Adam, labels alone, pipelined. */
export function jobOf({
  hosts = 1,
  host = loadHost('h200x8'),
  ...given
}: Partial<TrainingJob> & { hosts?: number; host?: Host } = {}): TrainingJob {
  return {
    model: smallModel,
    fleet: { host, hosts, network: loadNetwork('datacentre-rdma') },
    examplesPerDevice: 4096,
    denseOptimizer: 'adam',
    denseState: 'replicated',
    distillation: { kind: 'none' },
    overlap: 'pipelined',
    execution: 'kernels',
    reservedShare: 0.1,
    ...given,
  };
}

export function closeTo(actual: number, expected: number, tolerance = 1e-9): boolean {
  return Math.abs(actual - expected) <= tolerance * Math.max(Math.abs(expected), 1e-300);
}
