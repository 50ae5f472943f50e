// time-limit: 300 s
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Deployment } from '../../evolve/deploy/deployment.ts';
import { findCompiler } from '../../harness/devices/cpu/compiler.ts';
import { loadKoffi } from '../../harness/devices/gpu-shared/native-libraries.ts';
import type { Result } from '../../sim/result.ts';
import { Folder, smallModel } from '../scenarios/folder.ts';
import { rankfleet } from './program.ts';

const looked: string[] = [];
const hasTools = ((await loadKoffi(looked)) && (await findCompiler(looked))) !== undefined;
if (!hasTools)
  console.log(`SKIPPED: searches on the CPU need koffi and a C++ compiler\n  ${looked.join('\n  ')}`);

const profile = suite('from a search to a simulation');
const folder = new Folder();
profile.after(() => folder.remove());
const at = (...parts: string[]) => join(folder.path, ...parts);

const candidates = 1024;

const task = `name: tiny-machine
title: Factorisation machine over six short vectors
operator: factorisation-machine
data_types: [fp32]
search:
  - shape: { batch: ${candidates}, vectors: 6, dim: 4 }
held_out:
  - shape: { batch: 500, vectors: 6, dim: 4 }
`;

/** Sizes that the compiler knows: several times as fast as the harness's kernel, which does not. */
const kernel = `#include "launch.h"

#define GRAIN 4096 // @knob grain {64, 4096} samples that a core takes at a time

namespace {
constexpr int VECTORS = AXIS_vectors, DIM = AXIS_dim;

void machine(const Launch& launch) {
  const float* x = launch.tensor<float>(0);
  float* out = launch.tensor<float>(1);
  launch.each(launch.axes[0], GRAIN, [&](int64_t begin, int64_t end) {
    for (int64_t sample = begin; sample < end; sample++) {
      const float* from = x + sample * VECTORS * DIM;
      float sums[DIM] = {}, squares[DIM] = {};
      for (int v = 0; v < VECTORS; v++) {
        for (int d = 0; d < DIM; d++) {
          const float value = from[v * DIM + d];
          sums[d] += value;
          squares[d] += value * value;
        }
      }
      float total = 0;
      for (int d = 0; d < DIM; d++) total += sums[d] * sums[d] - squares[d];
      out[sample] = 0.5f * total;
    }
  });
}
const Register candidate("factorisation-machine/fp32/candidate", machine);
}
`;

const model = smallModel
  .replace('name: small', 'name: machine')
  .replace('interaction: { kind: cat }', 'interaction: { kind: fm }');

function scenarioOn(host: string): string {
  return `model: machine.yaml
load: { arrivals: { kind: poisson, rate: 20 QPS }, candidates: { kind: fixed, value: ${candidates} }, requests: 40 }
serving: { batch_size: ${candidates} }
fleet: { main: { host: ${host} } }
replications: 2
arms: [{ name: alone, sharding: { strategy: singular } }]
`;
}

function answered(...args: string[]): string {
  const { status, stdout, stderr } = rankfleet(args, { cwd: folder.path });
  assert.is(status, 0, `${args.join(' ')}: exit ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

function simulated(scenario: string, out: string) {
  answered('simulate', scenario, '--out', out);
  const result: Result = JSON.parse(readFileSync(at(out, 'result.json'), 'utf8'));
  const machine = result.operators!.find(({ kind }) => kind === 'factorisation-machine')!;
  return { machine, p50: result.arms[0].measured!.latencyS.p50.mean };
}

const test = (name: string, body: () => void) =>
  hasTools ? profile(name, body) : profile.skip(`${name}: no C++ compiler`, () => {});

test('a kernel that a search found on this CPU is what a scenario is simulated with', () => {
  mkdirSync(at('tiny-machine'));
  folder.write('tiny-machine/task.yaml', task);
  folder.write('tiny-machine/sized.cpp', kernel);
  folder.write('machine.yaml', model);
  const onOneCore = ['--backend', 'cpu', '--cores', '1', '--agents', '1', '--no-python'];
  answered('evolve', 'tiny-machine', ...onOneCore, '--steps', '2', '--drafts', '2', '--out', 'search');
  const table: Deployment = JSON.parse(readFileSync(at('search/deployment/session-1/dispatch.json'), 'utf8'));
  assert.is(table.cores, 1);
  const row = table.rows.find(({ shape }) => shape.batch === candidates)!;
  assert.is(row.use, 'kernel', JSON.stringify(row.speedup));

  assert.match(answered('evolve', 'profile', 'search', '--out', 'evolved'), /evolved, on 1 core/);
  const host = readdirSync(at('evolved')).find((name) => name.endsWith('-host.yaml'))!;
  const device = host.replace('-host', '');
  // The same machine as it is known without any measurement.
  mkdirSync(at('plain'));
  writeFileSync(at('plain', host), readFileSync(at('evolved', host)));
  writeFileSync(
    at('plain', device),
    readFileSync(at('evolved', device), 'utf8').replace(/^measurements:.*\n/m, ''),
  );
  folder.write('before.yaml', scenarioOn(`./plain/${host}`));
  folder.write('after.yaml', scenarioOn(`./evolved/${host}`));
  const before = simulated('before.yaml', 'before');
  const after = simulated('after.yaml', 'after');

  assert.is(after.machine.evidence, 'measured');
  // A measurement keeps seven digits.
  assert.ok(Math.abs(after.machine.seconds / row.kernelS - 1) < 1e-6, `${after.machine.seconds}`);
  assert.is.not(before.machine.evidence, 'measured');
  assert.is.not(before.machine.seconds, after.machine.seconds);
  assert.is.not(before.p50, after.p50);

  const applied = answered('evolve', 'apply', 'search', 'after.yaml');
  assert.match(applied, /on 1 core/);
  assert.match(applied, /axes/);
});

profile.run();
