import { join } from 'node:path';
import { backendOf, type Language } from '../../evolve/artifact.ts';
import type { KernelTask } from '../../evolve/kernel-task.ts';
import { type Variant, variantsIn } from '../../evolve/rewrite/variants.ts';
import { knobsOf } from '../../evolve/source/knobs.ts';
import { tasks } from '../../evolve/tasks/index.ts';
import { counted } from '../../foundation/counted.ts';
import { significant } from '../../foundation/units.ts';
import type { Problem } from '../../harness/problem.ts';
import { textTable, wrap } from '../../reports/text-table.ts';
import { exitCodes } from '../exit-codes.ts';
import { listTable, pageWidth } from '../list-table.ts';
import { shapeInWords } from './search-data.ts';
import { languagesOf, type NamedTask, taskNamed } from './task-named.ts';

/** `rankfleet evolve list`: the tasks that ship. */
export async function listTasks({ json = false }: { json?: boolean }): Promise<number> {
  const named = await Promise.all(tasks.map(({ name }) => taskNamed(name)));
  if (json) {
    process.stdout.write(`${JSON.stringify(named.map(described), null, 2)}\n`);
    return exitCodes.answered;
  }
  const rows = named.map(({ task, ...rest }) => [
    task.name,
    task.operator,
    task.dataTypes.join(', '),
    `${task.search.length} + ${task.heldOut.length}`,
    languagesOf({ task, ...rest }).join(', ') || 'none',
    task.title,
  ]);
  const columns = ['task', 'operator', 'data types', 'shapes + held out', 'kernels in', 'what it is'];
  process.stdout.write(
    `${listTable(
      columns.map((title) => ({ title, align: 'left' })),
      rows,
    )}\n`,
  );
  return exitCodes.answered;
}

/** `rankfleet evolve show TASK`: its shapes, and the kernels that a search begins with. */
export async function showTask(
  named: string,
  { json = false, kernels }: { json?: boolean; kernels?: string },
): Promise<number> {
  const found = await taskNamed(named, kernels);
  process.stdout.write(json ? `${JSON.stringify(described(found), null, 2)}\n` : shown(found));
  return exitCodes.answered;
}

function described(named: NamedTask) {
  return { ...named.task, languages: languagesOf(named) };
}

function shown(named: NamedTask): string {
  const { task } = named;
  const parts = [
    `${task.name}: ${task.title}`,
    wrap(`${task.source}. Operator ${task.operator}, in ${task.dataTypes.join(', ')}.`, pageWidth),
    ...(task.problem ? problemBlocks(task.problem) : [shapesTable(task)]),
    ...kernelBlocks(named),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Tensors of a problem, as kernels take them. */
function problemBlocks({ tensors, constants, flops, precision }: Problem): string[] {
  const table = textTable(
    ['tensor', 'part', 'sizes', 'type in the file'].map((title) => ({ title, align: 'left' })),
    tensors.map(({ name, from, part, dims, dtype }) => [
      name,
      from === name ? part : `${part} ${from}`,
      dims.join(' × ') || '1',
      dtype,
    ]),
  );
  const fixed = constants.map(({ name, value }) => `${name} is always ${value}`);
  const work = flops > 0 ? [`${significant(flops / 1e9)} GFLOP in products and convolutions`] : [];
  return [
    table,
    [...fixed, ...work, `answers are compared with the model in ${precision}`].join('; ').concat('.'),
  ];
}

function shapesTable({ search, heldOut }: KernelTask): string {
  const row =
    (seen: string) =>
    ({ shape, kind }: KernelTask['search'][number]) => [shapeInWords(shape), kind ?? '', seen];
  return textTable(
    [
      { title: 'shape', align: 'left' },
      { title: 'kind', align: 'left' },
      { title: 'seen by the search', align: 'left' },
    ],
    [...search.map(row('yes')), ...heldOut.map(row('held out'))],
  );
}

function kernelBlocks(named: NamedTask): string[] {
  const { task, kernels } = named;
  const languages = languagesOf(named);
  if (languages.length === 0) return [`No kernels to begin with in ${join(kernels, task.name)}.`];
  return languages.map((language) => {
    const lines = variantsWritten(named, language).map(({ name, text, dataTypes }) => {
      const knobs = knobsOf(text);
      const settings = knobs.reduce((product, { values }) => product * values.length, 1);
      const inWords = knobs.map(({ name: knob, values }) => `${knob} {${values.join(', ')}}`).join(', ');
      const what = `${name} (${dataTypes.join(', ')}): ${counted(settings, 'setting')} of its knobs. ${inWords}`;
      return `  ${wrap(what, pageWidth - 4).replaceAll('\n', '\n    ')}`;
    });
    return [`Kernels in ${language} (--backend ${backendOf[language]}):`, ...lines].join('\n');
  });
}

/** Variants of all data types, each once, with the types that it is written for. */
function variantsWritten(
  { task, kernels }: NamedTask,
  language: Language,
): (Variant & { dataTypes: string[] })[] {
  const found = new Map<string, Variant & { dataTypes: string[] }>();
  for (const dataType of task.dataTypes) {
    for (const variant of variantsIn(task.name, language, dataType, kernels)) {
      const known = found.get(variant.name) ?? { ...variant, dataTypes: [] };
      known.dataTypes.push(dataType);
      found.set(variant.name, known);
    }
  }
  return [...found.values()];
}
