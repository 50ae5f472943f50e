/** FLOP/B: below the ridge of any device that kernels are searched on. */
const fewOperations = 4;

/** Whether memory rather than arithmetic is the limit; where the ridge is not known, few operations a byte decide. */
export function isMemorySide({ intensity, ridge }: { intensity: number; ridge: number }): boolean {
  return intensity < (ridge > 0 ? ridge : fewOperations);
}
