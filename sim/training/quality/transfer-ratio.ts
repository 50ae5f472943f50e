import type { QualityValues } from './constants.ts';
import { quadruplings } from './scaling-law.ts';

/** How the student takes the teacher's label: on its serving head, an auxiliary head, or one with an adapter. */
export type DistillationHead = 'one-head' | 'auxiliary-head' | 'auxiliary-head-and-adapter';

/** What the teacher hands on: its prediction, or its representation too. */
export type Channel = 'label' | 'representation';

/**
 * ΔNE of the student over ΔNE of the teacher: t₀·c / (1 + x / x½) over x = log₄(F_T/F_v) quadruplings, with a factor
 * c for head and channel; at most 1. The ratio falls as the teacher grows while the gain, ratio times scaling law,
 * still grows, as is reported of both. The form is a model choice.
 */
export function transferRatio(
  values: QualityValues,
  { head, channel }: { head: DistillationHead; channel: Channel },
  { studentFlop, teacherFlop }: { studentFlop: number; teacherFlop: number },
): number {
  const { transferAtEqualSize, quadruplingsToHalfTransfer } = values;
  const growth = Math.max(0, quadruplings(studentFlop, teacherFlop));
  const ofHead = head === 'one-head' ? 1 : values.auxiliaryHeadTransfer;
  const ofChannel = channel === 'representation' ? values.representationTransfer : 1;
  return Math.min(1, (transferAtEqualSize * ofHead * ofChannel) / (1 + growth / quadruplingsToHalfTransfer));
}
