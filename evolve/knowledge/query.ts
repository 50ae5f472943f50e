import type { DeviceDescription, ProgramOperator } from '../../harness/device.ts';
import { deviceName } from '../../harness/device-names.ts';
import type { Language } from '../artifact.ts';
import type { Bottleneck, Diagnosis } from '../diagnosis.ts';
import type { EvaluationFailure } from '../evaluation.ts';
import type { Context } from '../operator.ts';
import type { Platform } from './vocabulary.ts';

/** What is asked of the knowledge base. */
export interface Query {
  platform: Platform;
  language: Language;
  phase: Context['phase'];
  operator: ProgramOperator;
  /** As the catalogue calls it. */
  device: string;
  /** The primary one alone: deferred ones get no documents before they are primary. None for a draft. */
  bottleneck?: Bottleneck;
  failure?: Pick<EvaluationFailure, 'stage' | 'reason' | 'signature'>;
  /** Of an NVIDIA device, where it tells. */
  computeCapability?: number;
}

/** The question that follows from a diagnosis, or from a draft without one. */
export function queryOf(
  diagnosis: Diagnosis | undefined,
  { task, language, device }: Pick<Context, 'task' | 'language' | 'device'>,
): Query {
  const capability = Number(device.details.computeCapability ?? device.details['compute capability']);
  return {
    platform: platformOf(device, language),
    language,
    phase: diagnosis ? 'feedback' : 'draft',
    operator: task.operator,
    device: deviceName(device.name),
    ...(diagnosis && { bottleneck: diagnosis.primary }),
    ...(diagnosis?.failure && { failure: diagnosis.failure }),
    ...(capability > 0 && { computeCapability: capability }),
  };
}

/** Whose hardware it is, as the documents sort it. Through WebGPU only what WebGPU offers can be had of a device. */
export function platformOf({ name, kind }: DeviceDescription, language: Language): Platform {
  if (language === 'wgsl') return 'webgpu';
  if (language === 'cpp' || kind === 'cpu') return 'cpu';
  if (/\bMTIA\b/i.test(name)) return 'mtia';
  return /\b(AMD|Radeon|Instinct|MI\d{2,3}\w?)\b/i.test(name) ? 'amd' : 'nvidia';
}
