import type { Evidence } from '../../foundation/evidence.ts';

/** A colour for each theme. */
export interface Shade {
  light: string;
  dark: string;
}

/** What is drawn on. */
export const paper: Shade = { light: '#ffffff', dark: '#16191f' };

/**
 * Colours of series, as far apart as a search found them for normal and for colour-blind eyes (protan, deutan, tritan),
 * each with a contrast of 3 to the paper. The first are the furthest apart.
 */
export const seriesColours: readonly Shade[] = [
  { light: '#4041cb', dark: '#5285ea' },
  { light: '#f16b27', dark: '#fe9025' },
  { light: '#27a3a1', dark: '#4cf4de' },
  { light: '#a21d63', dark: '#f93c74' },
  { light: '#452f07', dark: '#a16b17' },
  { light: '#b672f4', dark: '#a9a6f9' },
  { light: '#2b2476', dark: '#6d5bb4' },
  { light: '#836600', dark: '#e8e146' },
  { light: '#385608', dark: '#a9df90' },
  { light: '#b5625c', dark: '#d0a5a2' },
  { light: '#647d94', dark: '#848c98' },
  { light: '#720b43', dark: '#bb2e60' },
];

/** Series that have a look of their own. */
export const seriesCount = seriesColours.length;

/** Series that stand back where there are too many. */
const rest: Shade = { light: '#b4bcc7', dark: '#4d5664' };

/** Percentiles, from the median to the tail. */
export const percentileShades: readonly Shade[] = [
  { light: '#1c3f95', dark: '#dbe7ff' },
  { light: '#3a66c4', dark: '#a9c6f8' },
  { light: '#6a92dd', dark: '#769fe6' },
  { light: '#9cbbee', dark: '#4d79c9' },
  { light: '#c4d7f7', dark: '#365796' },
];

/** Far below a mean, over the mean itself in the middle, to far above it. */
export const heatShades: readonly Shade[] = [
  { light: '#2166ac', dark: '#7cc0ff' },
  { light: '#5b97c8', dark: '#5193cf' },
  { light: '#9cc3e0', dark: '#3a6a98' },
  { light: '#d3e5f2', dark: '#2d475f' },
  { light: '#eef0f2', dark: '#2b3038' },
  { light: '#fbdfca', dark: '#5a3f30' },
  { light: '#f3ab82', dark: '#9a5a38' },
  { light: '#dc6d4a', dark: '#d97a45' },
  { light: '#a8281f', dark: '#ffb07d' },
];

/** Evidence, strongest first: what was measured here is green, what was written down blue, what is a guess sand. */
const evidenceShades: Record<Evidence, Shade> = {
  measured: { light: '#0b5d52', dark: '#5fe3cb' },
  fitted: { light: '#23897a', dark: '#37ad99' },
  transferred: { light: '#74bcae', dark: '#287868' },
  published: { light: '#2d5aa8', dark: '#8db8ff' },
  datasheet: { light: '#86a9dc', dark: '#4f7cc4' },
  recollected: { light: '#c98f1b', dark: '#e0ab3c' },
  assumed: { light: '#e3cf9f', dark: '#8a7440' },
};

const judgements: Record<string, Shade> = {
  good: { light: '#0a7d5a', dark: '#3fd19a' },
  bad: { light: '#c2371d', dark: '#ff7a5c' },
  unsure: { light: '#9a6f00', dark: '#e6bd45' },
};

/** Colours of text, lines and ground. */
export const inks: Record<string, Shade> = {
  paper,
  ink: { light: '#1a1e25', dark: '#e8ebf0' },
  muted: { light: '#58626f', dark: '#a1abb9' },
  grid: { light: '#e4e8ed', dark: '#2c323c' },
};

/** Every class that colours what it is on, with its colour. */
export const tones: Record<string, Shade> = {
  ...numbered('series', seriesColours),
  'series-rest': rest,
  ...numbered('shade', percentileShades),
  ...numbered('heat', heatShades),
  ...Object.fromEntries(Object.entries(evidenceShades).map(([level, shade]) => [`evidence-${level}`, shade])),
  ...judgements,
};

function numbered(name: string, shades: readonly Shade[]): Record<string, Shade> {
  return Object.fromEntries(shades.map((shade, index) => [`${name}-${index + 1}`, shade]));
}

/** Black or white, whichever reads better on a colour. */
export function readableOn(colour: string): string {
  const [black, white] = ['#000000', '#ffffff'];
  return contrast(colour, black) >= contrast(colour, white) ? black : white;
}

/** Contrast of two colours, 1 to 21, as the Web Content Accessibility Guidelines 2.2 define it. */
export function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = linearRgb(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Red, green and blue of `#rrggbb` in linear light, 0 to 1. */
export function linearRgb(colour: string): number[] {
  return [1, 3, 5].map((start) => {
    const value = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}
