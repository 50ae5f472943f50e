import type { ComputeDevice } from '../../harness/device.ts';
import type { Ceilings } from './ceilings.ts';
import type { KnownShape, RememberedReference, Stage } from './messages.ts';
import type { ReferenceShelf } from './references.ts';

/** What candidates are evaluated on. */
export interface Bench {
  device: ComputeDevice;
  shelf: ReferenceShelf;
  ceilings: Ceilings;
  cores: number;
  /** The device is an interpreter, of which no time is worth taking. */
  answersOnly: boolean;
  /** Told before a stage begins. */
  enter(stage: Stage, what: string): Promise<void>;
  /**
   * Resolves when the device is this evaluation's alone, with what is known of shapes by then.
   * @param prepare makes the job's references ready; called before that where nobody else makes them
   */
  deviceIsFree(prepare: () => Promise<void>): Promise<readonly KnownShape[]>;
  /** Told of each reference that was timed. */
  timedReference(reference: RememberedReference): Promise<void>;
}
