import { html, type Markup } from './markup.ts';

const good = new Set(['STABLE', 'SIZED', 'REPLICA SET', 'yes', 'PLANNED', 'SOLVED', 'SERVES']);
const doubtful = new Set(['UNDER-SAMPLED', 'uncertain', 'UNPROVEN']);

/** A verdict, or whether a limit is met, in a colour beside its word. */
export function stateBadge(state: string): Markup {
  const tone = good.has(state) ? 'good' : doubtful.has(state) ? 'unsure' : 'bad';
  return html`<span class="state ${tone}">${state}</span>`;
}
