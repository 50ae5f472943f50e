import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A model of six small tables, simulated in no time. */
export const smallModel = `name: small
nets:
  - name: n
    dense_features: 4
    bottom_mlp: [8, 4]
    top_mlp: [8, 1]
    interaction: { kind: cat }
    tables:
      - { name: a, num_embeddings: 1000, embedding_dim: 4, pooling_factor: 3 }
      - { name: b, num_embeddings: 500, embedding_dim: 4, pooling_factor: 2 }
      - { group: g, count: 4, num_embeddings: 100, embedding_dim: 4, pooling_factor: 2 }
`;

export const smallScenario = `version: 1
question: What does sharding cost?
model: small.yaml
load:
  arrivals: { kind: poisson, rate: 20 QPS }
  candidates: { kind: fixed, value: 64 }
  requests: 40
serving:
  batch_size: 32
fleet:
  main: { host: sc-large, workers: 4 }
baseline: one
replications: 3
arms:
  - name: one
    sharding: { strategy: singular }
  - name: two
    sharding: { strategy: capacity-balanced, shards: 2 }
`;

/** A temporary folder with a small model in it. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'rankfleet-scenario-'));

  constructor() {
    this.write('small.yaml', smallModel);
  }

  /** Writes a file below the folder and returns its path. */
  write(name: string, content: string | Uint8Array): string {
    const file = join(this.path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
