import { chartStyle } from '../charts/chart-style.ts';
import { controlStyle } from './control-style.ts';
import { printStyle } from './print-style.ts';

const light = '--ground:#f4f6f8;--accent:#2f4bc0;--on-accent:#ffffff;--wash:#eef1fb;--shade:#0000001c';
const dark = '--ground:#0e1014;--accent:#9db4ff;--on-accent:#10131a;--wash:#1e2430;--shade:#00000080';

/** Colours beside those of the charts, chosen as theirs are: by the system, unless the root has a theme. */
const colours = `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}
:root[data-theme=light]{color-scheme:light}
:root[data-theme=dark]{color-scheme:dark;${dark}}`;

const layout = `
*{box-sizing:border-box}
html{scroll-padding-top:3.5rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--chart-ink);font:1rem/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif}
.page{display:grid;grid-template-columns:minmax(0,1fr);max-width:90rem;margin:0 auto;padding:0 1rem 3rem}
header{padding:1.5rem 0 .75rem}
header .origin{max-width:none;display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;margin:0;color:var(--chart-muted);font-size:.875rem}
header .origin strong{color:var(--chart-ink)}
h1{margin:.5rem 0 0;max-width:60rem;font-size:clamp(1.35rem,1rem + 1.6vw,1.9rem);line-height:1.25;letter-spacing:-.01em;text-wrap:balance;overflow-wrap:anywhere}
h2{margin:0 0 .75rem;font-size:1.25rem;line-height:1.3}
h3{margin:0 0 .5rem;font-size:1.0625rem;line-height:1.35}
p,ul,dl,figure,pre{margin:0 0 1rem}
p,li,figcaption{max-width:56rem;overflow-wrap:anywhere}
ul{padding-left:1.25rem}
li{margin:.25rem 0;white-space:pre-line}
a{color:var(--accent)}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:.875em}
main section,main figure{background:var(--chart-paper);border:1px solid var(--chart-grid);border-radius:.6rem;padding:1.25rem;margin:0 0 1rem}
main section>:last-child{margin-bottom:0}
main section.group{background:none;border:0;padding:0;margin:0}
main section.group>:last-child{margin-bottom:1rem}
main section.group>h2{margin:1.5rem 0 .75rem}
.skip{position:absolute;left:-100vw}
.skip:focus{left:1rem;top:.5rem;z-index:3;background:var(--chart-paper);padding:.5rem 1rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:.2rem}
nav{position:sticky;top:0;z-index:2;background:var(--ground);margin:0 -1rem;padding:.4rem 1rem;min-width:0}
nav ol{display:flex;gap:.15rem;margin:0;padding:.2rem;list-style:none;overflow-x:auto;scrollbar-width:thin}
nav li{margin:0;white-space:nowrap}
nav a{display:block;padding:.25rem .6rem;border-radius:.4rem;color:var(--chart-muted);text-decoration:none;font-size:.875rem}
nav a:hover{background:var(--wash);color:var(--chart-ink)}
nav a[aria-current]{background:var(--wash);color:var(--accent);font-weight:600}
@media (min-width:75rem){
html{scroll-padding-top:1rem}
.page{grid-template-columns:13.5rem minmax(0,1fr);column-gap:1.5rem;padding:0 1.75rem 4rem}
header,footer{grid-column:1/-1}
nav{align-self:start;max-height:100vh;overflow-y:auto;margin:0;padding:.25rem 0}
nav ol{flex-direction:column;overflow:visible}
nav li{white-space:normal}
nav .inner a{padding-left:1.4rem}
}`;

const answer = `
#part-answer{border-top:4px solid var(--accent)}
.lead{font-size:1.2rem;line-height:1.45;font-weight:600;text-wrap:pretty}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(11.5rem,43%),1fr));gap:.75rem;margin:1.25rem 0 0}
.figures div{border-left:3px solid var(--chart-grid);padding:.1rem 0 .1rem .75rem;display:flex;flex-direction:column}
.figures dt{color:var(--chart-muted);font-size:.8125rem}
.figures dd{margin:0}
.figures .value{font-size:1.45rem;line-height:1.3;font-weight:650;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.figures .value small,.figures .interval{font-size:.9rem;font-weight:400;color:var(--chart-muted)}
.figures .note{color:var(--chart-muted);font-size:.8125rem;overflow-wrap:anywhere}`;

const tables = `
.scroll{overflow-x:auto;margin:0 0 1.25rem;scrollbar-width:thin;background:linear-gradient(to left,var(--chart-paper) 30%,transparent) right/2.5rem 100% no-repeat local,linear-gradient(to left,var(--shade),transparent) right/.7rem 100% no-repeat scroll}
.scroll:last-child{margin-bottom:0}
table{border-collapse:collapse;font-size:.875rem;line-height:1.4;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:0 0 .5rem;min-width:min(44rem,76vw);max-width:min(56rem,76vw);color:var(--chart-muted);font-size:.875rem}
th,td{padding:.35rem .45rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--chart-grid);white-space:nowrap}
td{font-weight:400}
thead th{vertical-align:bottom;color:var(--chart-muted);font-weight:600;white-space:normal;min-width:4rem;max-width:11rem}
thead tr:last-child>*{border-bottom:2px solid var(--chart-muted)}
.groups>*{border-bottom:0;padding-bottom:0}
.groups th{text-align:center;max-width:none;border-bottom:1px solid var(--chart-grid);border-left:.45rem solid var(--chart-paper)}
.number{text-align:right}
td.long{white-space:normal;min-width:18rem;max-width:30rem}
tbody th,tfoot>*{font-weight:600}
tfoot>*>*{border-top:2px solid var(--chart-muted)}
tbody th.long{white-space:normal;min-width:14rem;max-width:24rem}
tbody tr:hover>*{background:var(--wash)}
@media (min-width:40rem){tbody th,tfoot th{position:sticky;left:0;background:var(--chart-paper)}}
.interval{color:var(--chart-muted);font-size:.92em}
.state{font-size:.8125rem;font-weight:600;white-space:nowrap}
.state.good{color:var(--chart-good)}
.state.bad{color:var(--chart-bad)}
.state.unsure{color:var(--chart-unsure)}
.best{margin-left:.35rem;padding:0 .4rem;border-radius:.6rem;background:var(--accent);color:var(--on-accent);font-size:.75rem;font-weight:600}`;

const others = `
figcaption{color:var(--chart-muted);font-size:.9rem;margin:.5rem 0}
.drawing{position:relative;overflow-x:auto;scrollbar-width:thin}
.drawing svg{display:block;width:100%;min-width:43rem;height:auto;max-width:70rem}
details{margin:.5rem 0 0}
summary{cursor:pointer;color:var(--accent);font-size:.9rem;padding:.15rem 0;width:fit-content}
details[open]>summary{margin-bottom:.5rem}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:0 1.5rem;font-size:.875rem}
.pairs div{display:flex;justify-content:space-between;gap:1rem;padding:.25rem 0;border-bottom:1px solid var(--chart-grid)}
.pairs dt{color:var(--chart-muted);overflow-wrap:anywhere}
.pairs dd{margin:0;flex:none;max-width:65%;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.glossary{columns:2 24rem;column-gap:2rem;font-size:.9375rem}
.glossary div{break-inside:avoid;padding:0 0 .6rem}
.glossary dt{font-weight:600}
.glossary dd{margin:0;max-width:56rem;overflow-wrap:anywhere}
pre{overflow-x:auto;padding:.75rem 1rem;border-radius:.4rem;background:var(--ground);line-height:1.45}
footer{color:var(--chart-muted);font-size:.8125rem;padding-top:1rem}`;

/** Everything that a page is styled by. */
export const pageStyle: string = [
  chartStyle,
  colours,
  layout,
  answer,
  tables,
  others,
  controlStyle,
  printStyle(light),
].join('\n');
