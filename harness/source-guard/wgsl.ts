import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import { enforce, precisionRules, withoutComments } from './rules.ts';

/** @throws SourceRefused for WGSL of less precision than is asked for: WGSL can do no other harm */
export function guardWgsl(text: string, dataType: MeasuredDataType): void {
  const half = /\bf16\b|\b(un)?pack2x16float\b|\bvec[234]h\b|\bmat\dx\dh\b/;
  enforce(precisionRules(dataType, { half }), withoutComments(text));
}
