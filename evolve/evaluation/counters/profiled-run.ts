import { readFileSync } from 'node:fs';
import { backend } from '../../../harness/backends.ts';
import { makeInputSet } from '../../../harness/input-set.ts';
import { candidateProgram } from '../candidate-program.ts';
import type { CountedRun } from './count.ts';

/** What a profiler looks at: one run of a kernel that was found right, on inputs of its own, in a process of its own. */
const {
  device: choice,
  artifact,
  task,
  dataType,
  shape,
  seed,
} = JSON.parse(readFileSync(process.argv[2], 'utf8')) as CountedRun;
const device = await (await backend(choice.backend)).open(choice.index);
const kernel = await device.compile(candidateProgram(artifact, task, dataType, shape, 0));
const { memories } = await makeInputSet(device, kernel.program, seed);
await device.run({ kernel, tensors: memories });
await device.close();
process.exit(0);
