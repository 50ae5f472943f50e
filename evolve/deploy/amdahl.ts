/** Part of a model's time that a kernel would take over. */
export interface SpedUpPart {
  /** Share of the time of the whole model, 0 to 1. */
  share: number;
  /** How much faster the part becomes; a part that would be slower falls back, and stays as it is. */
  speedup: number;
}

/**
 * How much faster a whole model becomes when parts of it do: 1 / (1 − Σ fᵢ·(1 − 1/sᵢ)), where a kernel that loses is not
 * used. Whatever none of the parts holds takes as long as before.
 * @throws RangeError when the shares exceed the whole, or a speedup is not above 0
 */
export function modelSpeedup(parts: readonly SpedUpPart[]): number {
  const total = parts.reduce((sum, { share }) => sum + share, 0);
  if (!(total <= 1 + 1e-9)) throw new RangeError(`shares of ${total} exceed the whole`);
  const saved = parts.reduce((sum, { share, speedup }) => {
    if (!(speedup > 0)) throw new RangeError(`a speedup of ${speedup} is none`);
    return sum + share * (1 - 1 / Math.max(speedup, 1));
  }, 0);
  return 1 / (1 - saved);
}

/** Devices that serve what `devices` of them did, when each does `speedup` times as much: N / S, a fraction of one included. */
export function devicesNeeded(devices: number, speedup: number): number {
  return devices / speedup;
}
