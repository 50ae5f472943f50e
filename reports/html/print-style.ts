/**
 * Paper: light colours, no controls, nothing cut at the edge of a box that scrolls on a screen. Details print where
 * the reader has opened them.
 * @param light colours of the light theme, as custom properties
 */
export function printStyle(light: string): string {
  return `
@page{margin:14mm}
@media print{
:root:root{color-scheme:light;${light};--ground:#ffffff;--wash:#ffffff}
html{font-size:12px}
.page{display:block;max-width:none;padding:0}
nav,.skip,.theme,.controls,details:not([open]),section:has(>details:not([open])){display:none}
main section,main figure{border:0;border-radius:0;padding:0;margin:0 0 6mm}
#part-answer{border-top:0}
main figure,.scroll,.figures div,tr,li,.pairs div{break-inside:avoid}
h2,h3,caption,summary{break-after:avoid}
.scroll,.drawing,pre{overflow:visible;background:none}
.drawing svg{min-width:0}
table{font-size:10px}
.state{font-size:inherit}
th,td{padding:.2rem .35rem}
td.long,tbody th.long{min-width:0}
thead th{min-width:0}
thead{display:table-header-group}
pre{white-space:pre-wrap}
#part-text pre{font-size:8px}
a{color:inherit;text-decoration:none}
}`;
}
