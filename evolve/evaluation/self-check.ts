#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { readTextFile } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import {
  type MeasuredDataType,
  type OperatorName,
  operatorAxes,
  type Shape,
} from '../../hardware-profiles/operators-measured.ts';
import { backend } from '../../harness/backends.ts';
import { type Artifact, backendOf, type Language } from '../artifact.ts';
import type { KernelTask } from '../kernel-task.ts';
import { extensionOf, languageOfFile } from '../source/languages.ts';
import { EvaluatorPool } from './evaluator-pool.ts';
import type { DeviceChoice } from './messages.ts';

const usage = `Evaluates kernels in source and prints a line of JSON for each.

  node dist/evolve/evaluation/self-check.js --operator conv1d --data-type fp16 \\
    --shape batch=2048,inChannels=96,outChannels=96,length=200,taps=3 [--shape …] [--held-out …] \\
    [--task task.json] [--index 0] [--cores N] [--baseline FILE] [--no-python] [--final] FILE …

The language of a kernel follows from its file: .cu, .py (Triton), .wgsl, .cpp. --task takes a task as JSON instead of
operator and shapes. --index counts the devices of the language's backend; of Triton, CUDA devices.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    operator: { type: 'string' },
    task: { type: 'string' },
    'data-type': { type: 'string', default: 'fp32' },
    shape: { type: 'string', multiple: true, default: [] },
    'held-out': { type: 'string', multiple: true, default: [] },
    index: { type: 'string', default: '0' },
    cores: { type: 'string' },
    baseline: { type: 'string' },
    'no-python': { type: 'boolean', default: false },
    final: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

try {
  if (values.help || positionals.length === 0) process.stdout.write(usage);
  else await checkAll(positionals);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof InputError ? 2 : 1;
}

async function checkAll(files: readonly string[]): Promise<void> {
  const task =
    values.task === undefined ? namedTask() : (JSON.parse(readTextFile(values.task)) as KernelTask);
  const artifacts = files.map((file) => ({ file, artifact: artifactOf(file) }));
  const { signal } = new AbortController();
  for (const language of new Set(artifacts.map(({ artifact }) => artifact.language))) {
    const own = artifacts.filter(({ artifact }) => artifact.language === language);
    const pool = new EvaluatorPool({
      devices: [await deviceFor(language)],
      usesPython: !values['no-python'],
      ...(values.baseline !== undefined && { baseline: artifactOf(values.baseline) }),
    });
    try {
      for (const { file, artifact } of own) {
        const dataType = values['data-type'] as MeasuredDataType;
        const evaluation = await pool.evaluate(artifact, { task, dataType, isFinal: values.final, signal });
        process.stdout.write(`${JSON.stringify({ file, ...evaluation })}\n`);
      }
      process.stderr.write(`${JSON.stringify({ language, ...pool.statistics() })}\n`);
    } finally {
      await pool.close();
    }
  }
}

function artifactOf(file: string): Artifact {
  const language = languageOfFile(file);
  if (!language)
    throw new InputError(`${file}: a kernel's name ends in ${Object.values(extensionOf).join(', ')}`);
  return { language, text: readTextFile(file) };
}

async function deviceFor(language: Language): Promise<DeviceChoice> {
  const index = Number(values.index);
  const cores = values.cores === undefined ? {} : { cores: Number(values.cores) };
  if (language !== 'triton') return { backend: backendOf[language], index, ...cores };
  const { devices } = await (await backend('python')).find();
  const place = devices.findIndex((name) => name.endsWith(`(cuda:${index})`));
  if (place < 0) throw new Error(`no CUDA device ${index} of PyTorch; Python has: ${devices.join(', ')}`);
  return { backend: 'python', index: place, ...cores };
}

function namedTask(): KernelTask {
  const operator = values.operator as OperatorName;
  if (!Object.hasOwn(operatorAxes, operator ?? ''))
    throw new InputError(`--operator ${operator}: no such operator`);
  if (values.shape.length === 0) throw new InputError('--shape: at least one is needed');
  const shapes = (texts: readonly string[]) => texts.map((text) => ({ shape: shapeOf(operator, text) }));
  return {
    name: operator,
    title: operator,
    source: 'the command line',
    operator,
    dataTypes: [values['data-type'] as MeasuredDataType],
    search: shapes(values.shape),
    heldOut: shapes(values['held-out']),
  };
}

function shapeOf(operator: OperatorName, text: string): Shape {
  const shape = Object.fromEntries(
    text
      .split(',')
      .map((part) => part.split('='))
      .map(([axis, size]) => [axis, Number(size)]),
  );
  const missing = operatorAxes[operator].filter((axis) => !Number.isFinite(shape[axis]));
  if (missing.length > 0) throw new InputError(`--shape ${text}: ${operator} needs ${missing.join(', ')}`);
  return shape;
}
