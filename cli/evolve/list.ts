import { backendOf } from '../../evolve/artifact.ts';
import type { KernelTask } from '../../evolve/kernel-task.ts';
import { variantsOf } from '../../evolve/rewrite/variants.ts';
import { knobsOf } from '../../evolve/source/knobs.ts';
import { tasks } from '../../evolve/tasks/index.ts';
import { textTable, wrap } from '../../reports/text-table.ts';
import { exitCodes } from '../exit-codes.ts';
import { listTable, pageWidth } from '../list-table.ts';
import { shapeInWords } from './search-data.ts';
import { languagesOf, type NamedTask, taskNamed } from './task-named.ts';

/** `rankfleet evolve list`: the tasks that ship. */
export function listTasks({ json = false }: { json?: boolean }): number {
  const named = tasks.map(({ name }) => taskNamed(name));
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
export function showTask(
  named: string,
  { json = false, kernels }: { json?: boolean; kernels?: string },
): number {
  const found = taskNamed(named, kernels);
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
    shapesTable(task),
    ...kernelBlocks(named),
  ];
  return `${parts.join('\n\n')}\n`;
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
  if (languages.length === 0) return [`No kernels to begin with in ${kernels}.`];
  return languages.map((language) => {
    const lines = variantsOf(task.name, language, kernels).map(({ name, text }) => {
      const knobs = knobsOf(text);
      const settings = knobs.reduce((product, { values }) => product * values.length, 1);
      const inWords = knobs.map(({ name: knob, values }) => `${knob} {${values.join(', ')}}`).join(', ');
      return wrap(`  ${name}: ${settings} settings of its knobs. ${inWords}`, pageWidth).replaceAll(
        '\n',
        '\n    ',
      );
    });
    return [`Kernels in ${language} (--backend ${backendOf[language]}):`, ...lines].join('\n');
  });
}
