import {
  CompileError,
  type ComputeDevice,
  OutOfMemory,
  SourceRefused,
  Unsupported,
} from '../../harness/device.ts';
import { GpuError } from '../../harness/devices/gpu-shared/gpu-driver.ts';
import { answers } from '../../harness/measure.ts';
import { failureOf } from '../error-signature.ts';
import type { EvaluationFailure, FailureStage } from '../evaluation.ts';
import { KnobError } from '../source/knobs.ts';
import { LaunchError } from '../source/launch-plan.ts';

/** A candidate that is wrong, or cheats: what a check throws. */
export class CandidateFailed extends Error {
  readonly stage: FailureStage;
  constructor(stage: FailureStage, message: string) {
    super(message);
    this.stage = stage;
  }
}

/** Longest log that is kept: a compiler's may run to pages. */
const longestLog = 4000;

export interface Judged {
  failure: EvaluationFailure;
  /** Nothing more runs on the device before the process that uses it ends. */
  isLost: boolean;
}

/** What an error that a candidate led to says about it. */
export async function judge(error: unknown, device: ComputeDevice): Promise<Judged> {
  const message = error instanceof Error ? error.message : String(error);
  const told = (stage: FailureStage, text: string, isLost = false): Judged => {
    const [reason, ...more] = text.split('\n');
    const log = more.length > 0 ? shortened(more.join('\n')) : undefined;
    return { failure: failureOf(stage, reason, log), isLost };
  };
  if (error instanceof CandidateFailed) return told(error.stage, message);
  if (error instanceof LaunchError || error instanceof KnobError) return told('source', message);
  if (error instanceof SourceRefused) return told('cheat', `${error.rule}: ${message}`);
  if (error instanceof CompileError) {
    return { failure: failureOf('compile', firstError(error.log), shortened(error.log)), isLost: false };
  }
  if (error instanceof Unsupported) return told('launch', message);
  if (error instanceof OutOfMemory) return told('memory', message);
  const isLost = (error instanceof GpuError && error.isLost) || !(await answers(device));
  const isLaunch = error instanceof GpuError && /^(cu|hipModule)Launch/.test(message) && !isLost;
  return told(isLaunch ? 'launch' : 'run', message, isLost);
}

/** The failure of a kernel that was right on all that the search has seen, on what it has not. */
export function overFitted(judged: Judged): Judged {
  const { stage, reason, signature } = judged.failure;
  const failure: EvaluationFailure = {
    ...judged.failure,
    stage: 'over-fitted',
    reason: `on a shape that the search has not seen: ${stage}: ${reason}`,
    signature: `over-fitted: ${signature}`,
  };
  return { ...judged, failure };
}

/** The line of a compiler's log that says what is wrong. */
function firstError(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /error/i.test(line)) ?? lines[0] ?? 'the compiler said nothing';
}

function shortened(log: string): string {
  return log.length > longestLog ? `${log.slice(0, longestLog)} …` : log;
}
