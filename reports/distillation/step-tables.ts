import { formatBytes, formatPercent, formatTime, significant } from '../../foundation/units.ts';
import type { Fleet, LabelBatchFigures, Step } from '../../sim/training/distillation/fleet-result.ts';
import type { TitledTable } from '../text-table.ts';
import type { AnsweredArm } from './arms.ts';
import { amountOf, money } from './figures.ts';
import { verticalName } from './vertical-tables.ts';

/** One kind of step, and what it is of. */
export interface NamedStep {
  name: string;
  step: Step | LabelBatchFigures;
}

/** Steps of an arm: of the teacher, of a label server, and of each vertical model with and without what only training has. */
export function stepsOf({ answer }: AnsweredArm): NamedStep[] {
  const { teacher, verticals } = answer;
  return [
    { name: `teacher, ${teacher.model}`, step: teacher.step },
    { name: 'label batch', step: teacher.labels },
    ...verticals.flatMap(({ name, step }) => [
      { name: `${name}, distilled`, step: step.withHeads },
      { name: `${name}, on labels alone`, step: step.withoutHeads },
    ]),
  ];
}

/** Seconds of a step or a batch. */
export function secondsOf(step: NamedStep['step']): number {
  return 'stepS' in step ? step.stepS : step.batchS;
}

/** How long steps take, what of it is communication that nothing hides, and what they hold. */
export function stepTable(arm: AnsweredArm): TitledTable {
  return {
    title:
      `Training steps and label batches (exposed: what compute does not hide of communication and input; MFU: model FLOPs ` +
      'utilisation; memory: of the fullest accelerator)',
    columns: [
      { title: 'step of', align: 'left' },
      { title: 'devices' },
      { title: 'examples' },
      { title: 'time' },
      { title: 'communication', group: 'exposed' },
      { title: 'input', group: 'exposed' },
      { title: 'MFU' },
      { title: 'examples/s' },
      { title: 'used', group: 'memory' },
      { title: 'of', group: 'memory' },
    ],
    rows: stepsOf(arm).map(({ name, step }) => [name, ...cellsOf(step)]),
  };
}

function cellsOf(step: NamedStep['step']): string[] {
  if (!('stepS' in step)) {
    const exposed = (kind: 'communication' | 'input') =>
      step.parts.reduce((sum, part) => (part.kind === kind ? sum + part.exposedS : sum), 0);
    return [
      '–',
      amountOf(step.examplesPerBatch),
      formatTime(step.batchS),
      formatTime(exposed('communication')),
      formatTime(exposed('input')),
      '–',
      amountOf(step.examplesPerS),
      '–',
      '–',
    ];
  }
  return [
    String(step.devices),
    amountOf(step.examplesPerStep),
    formatTime(step.stepS),
    formatTime(step.exposedCommunicationS),
    formatTime(step.exposedInputS),
    formatPercent(step.mfu),
    amountOf(step.examplesPerS),
    formatBytes(step.memory.totalBytes),
    formatBytes(step.memory.capacityBytes),
  ];
}

/** Hosts that train and label, what sized them, and how much of them is used. */
export function fleetTable({ answer }: AnsweredArm): TitledTable {
  return {
    title:
      'Fleets (of one run of one vertical; copies: runs of all verticals alike; peak: the busiest moment of the day; ' +
      'a run has whole accelerators here, and costs above the part of them that its load or its memory takes)',
    columns: [
      { title: 'fleet', align: 'left' },
      { title: 'host', align: 'left' },
      { title: 'hosts' },
      { title: 'devices' },
      { title: 'copies' },
      { title: 'sized by', align: 'left' },
      { title: 'can', group: 'examples/s' },
      { title: 'mean', group: 'examples/s' },
      { title: 'peak', group: 'examples/s' },
      { title: 'use' },
      { title: 'USD/day' },
    ],
    rows: answer.fleets.map((fleet) => [
      fleetName(fleet),
      fleet.host,
      countText(fleet.hosts),
      countText(fleet.devices),
      String(fleet.copies),
      fleet.sizedBy,
      amountOf(fleet.capacityPerS),
      amountOf(fleet.meanPerS),
      amountOf(fleet.peakPerS),
      fleet.use.toFixed(2),
      money(fleet.usdPerDay),
    ]),
  };
}

/** Small models may take a part of a host. */
function countText(count: number): string {
  return Number.isInteger(count) ? String(count) : significant(count);
}

/** `teacher training`, `labelling, 3 servers`, `vertical training, feed`. */
export function fleetName({ role, vertical, servers }: Fleet): string {
  if (vertical !== undefined) return `${role}, ${vertical}`;
  return servers === undefined ? role : `${role}, ${servers} ${servers === 1 ? 'server' : 'servers'}`;
}

/** What heads and adapter add to the step of each vertical model; serving has none of them. */
export function headsInWords({ answer }: AnsweredArm): string[] {
  return answer.verticals.map((vertical) => {
    const { step, serving } = vertical;
    const more = step.withHeads.stepS / step.withoutHeads.stepS - 1;
    const dropped = serving.unchanged
      ? `serving drops their ${amountOf(serving.droppedParameters)} parameters and stays at ${amountOf(serving.flopPerExample)} FLOP per example`
      : `serving CHANGES from ${amountOf(serving.flopPerExample)} to ${amountOf(serving.trainedFlopPerExample)} FLOP per example`;
    return `${verticalName(vertical)}: distillation lengthens a training step by ${significant(more * 100, 2)} %; ${dropped}.`;
  });
}
