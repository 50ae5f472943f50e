import { inks, readableOn, type Shade, tones } from './palette.ts';

type Theme = keyof Shade;

/** How a rule names a colour: by a custom property in a page, as it is in a file of its own. */
type ColourOf = (name: string) => string;

/** Dashes of the lines of series, which repeat: solid, long, short, mixed. */
const dashes = ['', '8 3', '3 3', '9 3 2 3'];

const fonts = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif";

/**
 * Style of charts in a page. Colours are custom properties; the reader's system chooses light or dark unless the root
 * has `data-theme`, and paper is white.
 */
export const chartStyle: string = [
  `:root{${properties('light')}}`,
  `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${properties('dark')}}}`,
  `:root[data-theme=dark]{${properties('dark')}}`,
  `@media print{:root:root{${properties('light')}}}`,
  rules((name) => `var(--chart-${name})`),
].join('\n');

/** Style of a chart in a file, for readers of SVG that know no custom properties. */
export const fileStyle: string = [
  rulesIn('light'),
  '@media screen and (prefers-color-scheme:dark){',
  rulesIn('dark'),
  '}',
].join('\n');

function rulesIn(theme: Theme): string {
  const known = colours(theme);
  return rules((name) => known[name]);
}

function colours(theme: Theme): Record<string, string> {
  return Object.fromEntries([
    ...Object.entries({ ...inks, ...tones }).map(([name, shade]) => [name, shade[theme]]),
    ...Object.entries(tones).map(([name, shade]) => [`on-${name}`, readableOn(shade[theme])]),
  ]);
}

function properties(theme: Theme): string {
  return Object.entries(colours(theme))
    .map(([name, colour]) => `--chart-${name}:${colour}`)
    .join(';');
}

function rules(colourOf: ColourOf): string {
  return [
    `.chart{font-family:${fonts};font-size:12px;color:${colourOf('ink')};background:${colourOf('paper')}}`,
    `.chart text{fill:${colourOf('ink')};font-variant-numeric:tabular-nums}`,
    '.chart .whisker,.chart .halo{pointer-events:none}',
    `.chart .tick,.chart .detail,.chart .axis-title,.chart .value{font-size:11px}`,
    `.chart .tick,.chart .detail,.chart .axis-title{fill:${colourOf('muted')}}`,
    `.chart .heading{font-size:15px;font-weight:600}`,
    `.chart .panel-title,.chart .strong{font-weight:600}`,
    `.chart .cell-value{font-size:10px}`,
    `.chart .paper{fill:${colourOf('paper')}}`,
    `.chart .grid{stroke:${colourOf('grid')}}`,
    `.chart .axis,.chart .zero{stroke:${colourOf('muted')}}`,
    `.chart .line{fill:none;stroke-width:1.8;stroke-linejoin:round}`,
    `.chart .thin{stroke-width:1}`,
    `.chart .dots{fill:none;stroke-width:3.2;stroke-linecap:round;stroke-opacity:.55}`,
    `.chart .symbol{stroke:${colourOf('paper')};stroke-width:1}`,
    `.chart .symbol.hollow{fill:${colourOf('paper')};stroke-width:1.8}`,
    `.chart .whisker{fill:none;stroke:${colourOf('ink')};stroke-width:1.2}`,
    `.chart .halo{fill:none;stroke:${colourOf('paper')};stroke-width:3}`,
    `.chart .limit{fill:none;stroke:${colourOf('bad')};stroke-width:1.5;stroke-dasharray:6 4}`,
    `.chart .limit-label{fill:${colourOf('bad')};font-size:11px;font-weight:600;paint-order:stroke;stroke:${colourOf('paper')};stroke-width:3px}`,
    `.chart .beside{paint-order:stroke;stroke:${colourOf('paper')};stroke-width:3px}`,
    `.chart .note-line{fill:none;stroke:${colourOf('muted')};stroke-width:1.2;stroke-dasharray:2 3}`,
    `.chart .roof{fill:none;stroke:${colourOf('ink')};stroke-width:1.4}`,
    `.chart .residual{fill:none;stroke:${colourOf('muted')};stroke-width:.8;stroke-opacity:.6}`,
    `.chart .measured-point{fill:${colourOf('muted')};fill-opacity:.8}`,
    `.chart .bar{stroke:${colourOf('paper')};stroke-width:.6}`,
    `.chart .thin-edge{fill:none;stroke:${colourOf('muted')};stroke-width:.8;stroke-opacity:.55}`,
    `.chart .outline{fill:none;stroke:${colourOf('muted')};stroke-dasharray:4 2}`,
    `.chart .pale{fill-opacity:.45}`,
    `.chart .band{fill-opacity:.18;stroke:none}`,
    `.chart .hit{fill:${colourOf('ink')};fill-opacity:0;stroke:none}`,
    `.chart .hit:hover,.chart .hit:focus{fill-opacity:.07}`,
    ...Object.keys(tones).map((name) => toneRules(name, colourOf)),
    `.chart .symbol[class*=evidence-]{stroke:${colourOf('ink')}}`,
    ...dashRules(),
  ].join('\n');
}

function toneRules(name: string, colourOf: ColourOf): string {
  const [colour, ink] = [colourOf(name), colourOf(`on-${name}`)];
  return [
    `.chart .bar.${name},.chart .band.${name},.chart .symbol.${name}:not(.hollow),.chart text.${name}{fill:${colour}}`,
    `.chart .line.${name},.chart .dots.${name},.chart .symbol.hollow.${name}{stroke:${colour}}`,
    `.chart text.on.${name}{fill:${ink}}`,
  ].join('\n');
}

function dashRules(): string[] {
  const names = Object.keys(tones).filter((name) => /^series-\d+$/.test(name));
  return dashes.flatMap((dash, index) => {
    const dashed = names.filter((_, rank) => rank % dashes.length === index);
    return dash === ''
      ? []
      : [`${dashed.map((name) => `.chart .line.${name}`).join()}{stroke-dasharray:${dash}}`];
  });
}
