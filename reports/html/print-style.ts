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
body{font-size:9.5pt}
.page{display:block;max-width:none;padding:0}
nav,.skip,.theme,.controls,details:not([open]){display:none}
main section,main figure{border:0;border-radius:0;padding:0;margin:0 0 6mm}
#answer{border-top:0}
main figure,.figures div,tr,li,.pairs div{break-inside:avoid}
h2,h3,caption,summary{break-after:avoid}
.scroll,.drawing,pre{overflow:visible}
.drawing svg{min-width:0}
table{font-size:7.5pt}
th,td{padding:.2rem .35rem}
td:not(.number),tbody th,thead th{min-width:0}
thead{display:table-header-group}
pre{white-space:pre-wrap;font-size:6.5pt}
a{color:inherit;text-decoration:none}
}`;
}
