import { type Policy, usualDrafts } from './policy.ts';

/** Independent drafts only, without any feedback: what every other policy must beat. */
export function oneShot({ drafts = usualDrafts } = {}): Policy {
  return {
    name: 'one-shot',
    options: { drafts },
    drafts,
    islands: 1,
    select: () => ({ parents: [] }),
  };
}
