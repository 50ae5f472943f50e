import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { candidateProgram } from '../../evolve/evaluation/candidate-program.ts';
import { forDataType } from '../../evolve/source/data-types.ts';
import { knobsOf } from '../../evolve/source/knobs.ts';
import { tasks } from '../../evolve/tasks/index.ts';
import { packageRoot } from '../../foundation/files.ts';
import { workerCommand } from '../../harness/devices/python/interpreter.ts';
import { holds, sourcesOf } from './source-cases.ts';

const sources = sourcesOf(tasks, 'triton');

const suiteOf = suite('evolve: sources in Triton');

suiteOf('the operators of the paper have some', () => {
  const withSources = new Set(sources.map(({ task }) => task.name));
  for (const name of ['conv1d', 'map-id', 'merge-bucketised', 'optimised-fm', 'pffn', 'rms-norm-backward']) {
    assert.ok(withSources.has(name), name);
  }
});

suiteOf('as written fit every shape of their task', () => {
  for (const { task, file, text } of sources) {
    for (const { shape } of [...task.search, ...task.heldOut]) {
      assert.ok(holds(text, shape), `${file}: ${JSON.stringify(shape)}`);
    }
  }
});

suiteOf('each knob is passed on to a launch, and has values that differ', () => {
  for (const { file, text } of sources) {
    const launch = text.slice(text.indexOf('def launch('));
    for (const { name, values } of knobsOf(text)) {
      assert.match(launch, new RegExp(`\\b${name}\\b`), `${file}: ${name}`);
      assert.ok(new Set(values).size > 1, `${file}: ${name}`);
    }
  }
});

const python = workerCommand().interpreter;
const hasPython = spawnSync(python, ['--version']).status === 0;

const guard = `import json, sys
sys.path.insert(0, ${JSON.stringify(join(packageRoot, 'harness/python'))})
from rankfleet_worker.source_guard import allowed_by_torch, guard
for title, text, data_type in json.load(sys.stdin):
    try:
        guard(text, data_type, allowed_by_torch)
    except Exception as error:
        print(f"{title}: {error}")
`;

const guarded = hasPython ? suiteOf : suiteOf.skip;

guarded('are accepted by the guard, in every data type', () => {
  const cases = sources.flatMap(({ task, file, text }) =>
    task.dataTypes.flatMap((dataType) => {
      const typed = forDataType(text, dataType);
      if (typed === undefined) return [];
      const { shape } = task.search[0];
      const program = candidateProgram({ language: 'triton', text: typed }, task, dataType, shape, 0);
      return [[`${file} in ${dataType}`, program.source!.text, dataType]];
    }),
  );
  assert.ok(cases.length >= sources.length);
  const refused = (input: unknown) => {
    const { status, stdout, stderr } = spawnSync(python, ['-B', '-c', guard], {
      input: JSON.stringify(input),
      encoding: 'utf8',
    });
    assert.is(status, 0, stderr);
    return stdout;
  };
  assert.is(refused(cases), '');
  assert.match(
    refused([['cheat', 'import os\ndef launch(tensors, axes): pass', 'fp32']]),
    /cheat: .*imports os/,
  );
});

suiteOf.run();
