import type { Problem } from '../../foundation/problem.ts';
import type { Host, Network } from '../../hardware-profiles/profile.ts';
import type { Model } from '../../models/model.ts';
import type { DefaultUsed } from '../deployment.ts';
import type {
  LabellingFields,
  SnapshotFields,
  TrainingFleetFields,
  VerticalFleetFields,
} from './fleet-schema.ts';
import type { DistillationFields, DistillationSettings } from './schema.ts';
import type { TaskFields, VerticalFields } from './vertical-schema.ts';

/** A fleet that trains one model, with nothing left to look up; `hosts` is absent where it is sized. */
export type TrainingFleetSpec = Omit<TrainingFleetFields, 'host' | 'network'> & {
  host: Host;
  network: Network;
};

/** The same of a vertical model, which may take a part of one host. */
export type VerticalFleetSpec = TrainingFleetSpec & Pick<VerticalFleetFields, 'accelerators'>;

export type LabellingSpec = Omit<LabellingFields, 'host' | 'network'> & { host: Host; network: Network };

export interface TaskSpec extends TaskFields {
  name: string;
}

/** So many vertical models alike (`count`), each with this traffic. */
export type VerticalSpec = Omit<VerticalFields, 'model' | 'fleet' | 'tasks'> & {
  name: string;
  model: Model;
  fleet: VerticalFleetSpec;
  /** In the order of the file. */
  tasks: TaskSpec[];
};

/** One arm of a distillation scenario, resolved: plain data, so that it can be sent to a worker thread. */
export interface DistillationArm {
  name: string;
  teacher: {
    model: Model;
    train_share: number;
    label_share: number;
    train_after?: number | undefined;
    fleet: TrainingFleetSpec;
    labelling: LabellingSpec;
    snapshots: SnapshotFields;
  };
  /** In the order of the file. */
  verticals: VerticalSpec[];
  /** N_u: of all verticals together. */
  uniqueExamplesPerDay: number;
  traffic: DistillationFields['traffic'];
  join: number;
  distillation: DistillationFields['distillation'];
  store: DistillationFields['store'];
  costs: DistillationFields['costs'];
  quality: DistillationFields['quality'];
}

/** What is simulated of every arm (s). */
export interface Horizon {
  warmUpS: number;
  measuredS: number;
  stepS: number;
}

/** A question of external distillation with no names left to look up. */
export interface ResolvedDistillation {
  kind: 'distillation';
  name: string;
  settings: Omit<DistillationSettings, 'arms' | 'extends'>;
  baseline: string;
  horizon: Horizon;
  /** Largest union of all arms, whichever are asked for: the scaling law of compute is taken at it. */
  referenceExamplesPerDay: number;
  arms: DistillationArm[];
  defaults: DefaultUsed[];
  /** A problem found later, at the place in the file that wrote the field of an arm. */
  problemAt(arm: string, path: readonly PropertyKey[], message: string): Problem;
}

/** Vertical models of an arm, copies included. */
export function verticalCount({ verticals }: Pick<DistillationArm, 'verticals'>): number {
  return verticals.reduce((sum, { count }) => sum + count, 0);
}
