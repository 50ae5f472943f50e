/**
 * Where a number that was not computed comes from, strongest first.
 * `recollected` is a figure remembered from the literature and not verified: it may set a default,
 * never be quoted as a published result.
 */
export const evidenceLevels = [
  'measured',
  'fitted',
  'transferred',
  'published',
  'datasheet',
  'recollected',
  'assumed',
] as const;

export type Evidence = (typeof evidenceLevels)[number];

/** A number in SI base units with its evidence and the source a reader can check. */
export interface Evidenced {
  value: number;
  evidence: Evidence;
  source: string;
}

/** The weaker of two evidence levels: what a product of both rests on. */
export function weakest(a: Evidence, b: Evidence): Evidence {
  return evidenceLevels.indexOf(a) >= evidenceLevels.indexOf(b) ? a : b;
}
