import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Chart } from '../../../reports/charts/chart.ts';
import { chartStyle, fileStyle } from '../../../reports/charts/chart-style.ts';
import {
  contrast,
  inks,
  linearRgb,
  paper,
  readableOn,
  seriesColours,
  tones,
} from '../../../reports/charts/palette.ts';
import { percentileBars } from '../../../reports/charts/percentile-bars.ts';
import { standaloneSvg } from '../../../reports/charts/standalone-svg.ts';
import { armOf, resultOf } from './results.ts';
import { allOf, parseXml, withClass } from './xml.ts';

const themes = ['light', 'dark'] as const;

const palette = suite('charts: palette');

palette('series stand out from the paper, text and what is written on a colour are read', () => {
  assert.ok(Math.abs(contrast('#000000', '#ffffff') - 21) < 1e-9);
  for (const theme of themes) {
    for (const shade of seriesColours) assert.ok(contrast(shade[theme], paper[theme]) >= 3, shade[theme]);
    for (const name of ['ink', 'muted']) assert.ok(contrast(inks[name][theme], paper[theme]) >= 4.5, name);
    for (const name of ['good', 'bad', 'unsure'])
      assert.ok(contrast(tones[name][theme], paper[theme]) >= 4.5, name);
    for (const [name, shade] of Object.entries(tones)) {
      assert.ok(contrast(shade[theme], readableOn(shade[theme])) >= 4.5, `on ${name}`);
    }
  }
});

/** How eyes without one kind of cone see linear light: Machado, Oliveira and Fernandes 2009, at full severity. */
const eyes: Record<string, number[][]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const times = (matrix: number[][], vector: number[]) =>
  matrix.map((row) => row.reduce((sum, factor, index) => sum + factor * vector[index], 0));

/** Oklab, in which distances are about as they are seen. */
function oklab(linear: number[]): number[] {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    linear,
  ).map((value) => Math.cbrt(Math.max(0, value)));
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}

palette('series are apart for eyes of every kind', () => {
  for (const theme of themes) {
    for (const [kind, matrix] of Object.entries(eyes)) {
      const seen = seriesColours.map((shade) => oklab(times(matrix, linearRgb(shade[theme]))));
      seen.forEach((one, index) => {
        for (const [at, other] of seen.slice(0, index).entries()) {
          const distance = Math.hypot(...one.map((value, axis) => value - other[axis]));
          const least = index < 8 ? 0.085 : 0.07;
          assert.ok(
            distance >= least,
            `${theme}, ${kind}: series ${at + 1} and ${index + 1} are ${distance} apart`,
          );
        }
      });
    }
  }
});

palette.run();

const style = suite('charts: style');

style('of a page names every colour by a property that both themes set', () => {
  const used = new Set([...chartStyle.matchAll(/var\((--chart-[\w-]+)\)/g)].map(([, name]) => name));
  for (const block of chartStyle.split('\n').filter((line) => line.includes('--chart-paper:'))) {
    for (const name of used) assert.ok(block.includes(`${name}:`), `${name} in ${block.slice(0, 60)}`);
  }
  assert.match(chartStyle, /prefers-color-scheme:dark\)\{:root:not\(\[data-theme=light\]\)/);
  assert.match(chartStyle, /:root\[data-theme=dark\]/);
  assert.match(chartStyle, /@media print/);
  assert.is(chartStyle.split('{').length, chartStyle.split('}').length);
});

style('of a file needs no properties', () => {
  assert.not.match(fileStyle, /var\(/);
  assert.not.match(fileStyle, /[<&]/);
  assert.match(fileStyle, /prefers-color-scheme:dark/);
});

style('knows the classes that colour marks', () => {
  for (const name of Object.keys(tones)) assert.ok(chartStyle.includes(`.chart .bar.${name},`), name);
});

style.run();

const file = suite('charts: a file');

file('is a whole drawing: names, ground, title, caption, nothing from elsewhere', () => {
  const chart = percentileBars(resultOf([armOf('a <b> & "c"', 0.01)])) as Chart;
  const text = standaloneSvg({ ...chart, note: `${chart.note} & so on `.repeat(4) });
  const read = parseXml(text);
  assert.is(read.attributes.xmlns, 'http://www.w3.org/2000/svg');
  assert.is(read.attributes.role, 'img');
  const ids = allOf(read).flatMap(({ attributes }) => attributes.id ?? []);
  assert.equal(read.attributes['aria-labelledby'].split(' '), ids);
  assert.is(withClass(read, 'heading')[0].text, chart.title);
  assert.is(withClass(read, 'paper').length, 1);
  assert.is(withClass(read, 'mark').length, 5);
  assert.not.match(text.replace('xmlns="http://www.w3.org/2000/svg"', ''), /https?:|<script|url\(|@import/);
  assert.is(
    standaloneSvg(chart),
    standaloneSvg(percentileBars(resultOf([armOf('a <b> & "c"', 0.01)])) as Chart),
  );
});

file('is as high as all that is in it', () => {
  const chart = percentileBars(resultOf([armOf('one', 0.01)])) as Chart;
  const read = parseXml(standaloneSvg(chart));
  const [, , width, height] = read.attributes.viewBox.split(' ').map(Number);
  const inner = read.children.find(({ name }) => name === 'svg')!.attributes;
  const captions = read.children.filter(({ attributes }) => attributes.class === 'detail');
  assert.ok(captions.length > 0);
  for (const { attributes } of captions) {
    assert.ok(Number(attributes.y) > Number(inner.y) + Number(inner.height) && Number(attributes.y) < height);
  }
  assert.ok(Number(inner.x) + Number(inner.width) <= width);
});

file.run();
