import type { ComparedSide } from './comparison-result.ts';

/** What a comparison tells of an answer, whatever it is about. */
interface Describable {
  kind: ComparedSide['kind'];
  source: string;
  result: {
    scenario: { name: string; replications: number };
    fingerprint: { product: string; inputHash: string; seed: number };
  };
}

/** Where a side of a comparison comes from. */
export function describeSide({ kind, source, result: { scenario, fingerprint } }: Describable): ComparedSide {
  return {
    kind,
    source,
    scenario: scenario.name,
    product: fingerprint.product,
    inputHash: fingerprint.inputHash,
    seed: fingerprint.seed,
    replications: scenario.replications,
  };
}
