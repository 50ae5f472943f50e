import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { readSubject } from '../../cli/read-subject.ts';
import type { Subject } from '../../reports/subject.ts';
import { program, rankfleet } from '../cli/program.ts';
import { Folder, smallScenario } from '../scenarios/folder.ts';
import { gridSweep } from '../sweep/designs.ts';

/** Names that every format has to bear: of an arm, and in a question. */
export const awkwardName = '=a|b, "c" <i>*d*_e_';

const result = smallScenario
  .replaceAll('name: two', `name: '${awkwardName}'`)
  .replace('baseline: one', 'baseline: one\nsla: { percentile: p99, latency: 5 ms }');

const load = 'candidates: { kind: fixed, value: 32 }, requests: 300';

const plan = `question: What to buy?
model: small.yaml
load: { arrivals: { kind: poisson, rate: 20 kQPS }, ${load} }
serving: { batch_size: whole-request }
sla: { percentile: p99, latency: 10 ms }
replications: 2
arms:
  - { name: alone, sharding: { strategy: singular } }
  - { name: split, sharding: { strategy: load-balanced, shards: 2 }, fleet: { sparse: { host: sc-small } } }
plan:
  survive: host
  day: { peak_to_mean: 1.5, surge: { start: 12 h, duration: 1 h, factor: 2 } }
  growth: { quarters: 2, each_quarter: { rate: '60 %', rows: '10 %' }, owned: { sc-large: 1 } }
`;

const mix = `question: Which model runs where?
model: small.yaml
load: { ${load} }
serving: { batch_size: whole-request }
sla: { percentile: p99, latency: 10 ms }
replications: 2
arms:
  - { name: large, fleet: { main: { host: sc-large } }, sharding: { strategy: singular } }
  - { name: small, fleet: { main: { host: sc-small } }, sharding: { strategy: singular } }
plan:
  stock: { sc-large: 1 }
  workloads:
    - { name: ads, target: 50 kQPS }
    - { name: feed, target: 20 kQPS }
`;

const distillation = `kind: distillation
question: Is one teacher worth its money?
teacher: { model: ads-fm-like }
verticals:
  feed: { model: ads-vm-like, examples_per_day: 3.0e9, runs: 2, tasks: { click: { base_rate: 2 % }, buy: { base_rate: 0.1 %, distilled: false } } }
  reels: { model: ads-vm-like, count: 2, examples_per_day: 1.0e9, tasks: { click: { base_rate: 1 % } } }
overlap: 1.5
replications: 2
horizon: { warm_up: 12 h, measured: 2 d, step: 5 min }
baseline: 6 h
arms:
  - { name: 6 h, teacher: { snapshots: { every: 6 h } } }
  - { name: '${awkwardName}', teacher: { snapshots: { every: 1 h } } }
`;

/** Commands whose folder is an answer, by the name of the folder. */
const commands: Record<string, string[]> = {
  result: ['simulate', 'result.yaml'],
  plan: ['plan', 'plan.yaml'],
  mix: ['plan', 'mix.yaml'],
  comparison: ['compare', 'result.yaml', 'other.yaml'],
  sweep: ['sweep', 'grid.yaml', '--format', 'csv'],
  distillation: ['simulate', 'distillation.yaml'],
  'distillation-comparison': ['compare', 'distillation.yaml', 'distilled-otherwise.yaml'],
};

export const answerNames = Object.keys(commands);

/** A folder with one small answer of each kind, made by the program itself. */
export class Answers {
  readonly folder = new Folder();
  readonly path = this.folder.path;

  constructor(names: readonly string[] = answerNames) {
    this.folder.write('result.yaml', result);
    this.folder.write('other.yaml', result.replace('batch_size: 32', 'batch_size: 16'));
    this.folder.write('plan.yaml', plan);
    this.folder.write('mix.yaml', mix);
    this.folder.write('grid.yaml', gridSweep);
    this.folder.write('distillation.yaml', distillation);
    this.folder.write('distilled-otherwise.yaml', distillation.replace('runs: 2', 'runs: 3'));
    for (const name of names) {
      const { status, stderr } = this.run(...commands[name], '--out', name);
      // The growth of the plan cannot be served, which is an answer, too.
      assert.is(status, name === 'plan' ? 3 : 0, `${name}: ${stderr}`);
    }
  }

  run(...args: string[]) {
    return rankfleet(args, { cwd: this.path });
  }

  /** Runs a command after another one of the shell, as one that sets a limit. */
  shell(before: string, ...args: string[]) {
    const command = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
    return spawnSync('bash', ['-c', `${before}; exec ${command}`], { cwd: this.path, encoding: 'utf8' });
  }

  report(...args: string[]) {
    return this.run('report', ...args);
  }

  subject(name: string): Subject {
    return readSubject(join(this.path, name));
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
