/** What only a script puts into the page: the tooltip, buttons, filters, the choice of points. */
export const controlStyle = `
button,select,input{font:inherit;font-size:.875rem;color:var(--chart-ink);background:var(--chart-paper);border:1px solid var(--chart-muted);border-radius:.4rem;padding:.25rem .6rem}
button{cursor:pointer}
button:hover{background:var(--wash)}
.theme{margin-left:auto}
.sort{display:inline;position:relative;padding:0;border:0;background:none;color:inherit;font:inherit;text-align:inherit}
.sort:hover{background:none;color:var(--accent)}
.sort::after{position:absolute;left:100%;bottom:0;padding-left:.15em}
[aria-sort=ascending]>.sort::after{content:'▴'}
[aria-sort=descending]>.sort::after{content:'▾'}
.filter{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin:0 0 .5rem;font-size:.875rem}
.tooltip{position:fixed;z-index:4;pointer-events:none;max-width:min(22rem,90vw);padding:.45rem .65rem;border-radius:.4rem;background:var(--chart-ink);color:var(--chart-paper);font-size:.8125rem;line-height:1.4;white-space:pre-line;overflow-wrap:anywhere;font-variant-numeric:tabular-nums;box-shadow:0 2px 10px #0004}
.has-points{user-select:none}
.has-points :not(.mark,.mark *,.brush,.brush *,[role=button]){pointer-events:none}
.mark:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.chart .faded{opacity:.12}
.chart .label[role=button]{cursor:pointer}
.chart .label[role=button]:hover,.chart .label[aria-pressed=true]{text-decoration:underline;font-weight:600}
.chart .nearest{fill:none;stroke:var(--chart-ink);stroke-width:1.5;pointer-events:none}
.chart .chosen{fill:none;stroke:var(--accent);stroke-width:5;stroke-linecap:round;pointer-events:none}
.brush .selection{fill:var(--accent);fill-opacity:.12;stroke:var(--accent)}
.choice{margin:.5rem 0 0;padding:.6rem .8rem;border:1px solid var(--chart-grid);border-radius:.4rem;display:flex;flex-wrap:wrap;gap:.4rem .8rem;align-items:center;font-size:.875rem}
.choice input{width:7.5rem}
.chosen-points{margin-top:.75rem}
@media (prefers-reduced-motion:no-preference){
html{scroll-behavior:smooth}
.chart .faded,.chart .mark{transition:opacity .15s}
}`;
