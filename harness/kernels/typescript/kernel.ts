import type { MeasuredDataType, Shape } from '../../../hardware-profiles/operators-measured.ts';
import type { View } from './views.ts';

/** Runs an operator on its tensors, in the order in which it lists them. */
export type TypescriptKernel = (tensors: readonly View[], shape: Shape, dataType: MeasuredDataType) => void;
