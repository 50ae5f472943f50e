import type { Page } from 'playwright-core';
import { contrast } from '../../../reports/charts/palette.ts';

interface Shown {
  what: string;
  colour: string;
  ground: string;
}

/** Run in the page: every text outside charts with its colour, and that of the nearest ground below it. */
const shownTexts = `
  [...document.querySelectorAll('body *:not(svg, svg *, script, style)')]
    .filter((element) => element.checkVisibility())
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .map((element) => {
      const isClear = (colour) => /^rgba\\(.*, 0\\)$/.test(colour);
      let below = element;
      while (below.parentElement && isClear(getComputedStyle(below).backgroundColor)) below = below.parentElement;
      return {
        what: element.tagName + ' ' + element.className + ' ' + element.textContent.slice(0, 40),
        colour: getComputedStyle(element).color,
        ground: getComputedStyle(below).backgroundColor,
      };
    })`;

/** Texts of a page, outside its charts, whose contrast to their ground is less than `least`, by WCAG 2.2. */
export async function lowContrasts(page: Page, least: number): Promise<string[]> {
  const shown = await page.evaluate<Shown[]>(shownTexts);
  if (shown.length < 100) throw new Error(`only ${shown.length} texts are shown`);
  return shown.flatMap(({ what, colour, ground }) => {
    const found = contrast(hexOf(colour), hexOf(ground));
    return found < least ? [`${what}: ${colour} on ${ground} is ${found.toFixed(2)}`] : [];
  });
}

/** `rgb(26, 30, 37)` as `#1a1e25`. */
function hexOf(colour: string): string {
  const channels = [...colour.matchAll(/\d+/g)].slice(0, 3).map(Number);
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
