import type { RecordedPath, RecordedTask } from './recorded.ts';
import type { Component, Part, PathStep } from './trace-result.ts';

/** What a path needs to know of tasks by their positions in the graph. */
export interface PathNames {
  name(task: number): string;
  /** What a task that computes waits for, and what that counts as. */
  waitsFor(task: number): { name: string; component: Component };
  /** What the time of a task itself counts as. */
  parts(recorded: RecordedTask): Part[];
  /** Whether a server is waited for; waiting for a link is part of the message. */
  isCompute(task: number): boolean;
}

/** The steps of a request from its arrival to its completion; those at a gate follow the gate. */
export function pathSteps({ fromS, isShared, tasks, atGate }: RecordedPath, names: PathNames): PathStep[] {
  return tasks.flatMap((recorded, position) => {
    const steps: PathStep[] = [];
    const isEntry = position === 0;
    let waitFromS = isEntry ? fromS : recorded.readyS;
    if (isEntry && isShared && fromS < recorded.readyS) {
      steps.push(waiting('the batch', 'batching', fromS, recorded.readyS));
      waitFromS = recorded.readyS;
    }
    if (names.isCompute(recorded.task) && recorded.startS > waitFromS) {
      const { name, component } = names.waitsFor(recorded.task);
      steps.push(waiting(name, component, waitFromS, recorded.startS));
    }
    steps.push(...taskSteps(recorded, names, atGate));
    return steps;
  });
}

/** The gate is the only task of an envelope without parts: there the batches take their time. */
function taskSteps(recorded: RecordedTask, names: PathNames, atGate: RecordedPath | undefined): PathStep[] {
  const parts = names.parts(recorded);
  const step = { name: names.name(recorded.task), fromS: recorded.startS, toS: recorded.endS, parts };
  if (parts.length > 0 || !atGate) return [{ kind: 'task', ...step }];
  return [{ kind: 'gate', ...step }, ...pathSteps(atGate, names)];
}

function waiting(what: string, component: Component, fromS: number, toS: number): PathStep {
  return {
    kind: 'wait',
    name: `wait for ${what}`,
    fromS,
    toS,
    parts: [{ component, seconds: toS - fromS }],
  };
}
