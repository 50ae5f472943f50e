import { createHash } from 'node:crypto';
import type { Absence, Chart } from '../charts/chart.ts';
import type { Subject } from '../subject.ts';
import { answerMarkup } from './answer-markup.ts';
import { chartMarkup } from './chart-markup.ts';
import type { Content } from './content.ts';
import { contentOf } from './content-of.ts';
import { glossaryOf } from './glossary.ts';
import { html, type Markup, trusted } from './markup.ts';
import { pageStyle } from './page-style.ts';
import { plainText } from './plain-text.ts';
import { provenanceMarkup } from './provenance-markup.ts';
import { type Part, partMarkup, sectionMarkup } from './section-markup.ts';

/** What a page is made of. */
export interface ReportInput {
  subject: Subject;
  charts: readonly Chart[];
  /** Charts that the subject has no data for. */
  absent: readonly Absence[];
  /** The whole answer as a terminal shows it. */
  text: string;
  /** The script of the page, as the build leaves it in `pageScriptFile`. */
  script: string;
  /** Name and version of the program that writes the page. */
  product: string;
}

/** Where the build puts the script of pages, in the package. */
export const pageScriptFile = 'dist/reports/browser.js';

/**
 * One self-contained page that asks nothing of any network: whole without its script, which adds what a pointer and a
 * keyboard can do. The same input gives the same bytes.
 */
export function htmlReport({ subject, ...input }: ReportInput): string {
  return htmlPage({ content: contentOf(subject), source: subject.source, ...input });
}

/** The same of content that is there already. @param source where it was read from, as the user named it */
export function htmlPage({
  content,
  source,
  charts,
  absent,
  text,
  script,
  product,
}: Omit<ReportInput, 'subject'> & { content: Content; source: string }): string {
  const parts = partsOf(content, charts, absent, text);
  const words = glossaryOf([...parts.map(({ body }) => plainText(body)), text].join('\n'));
  const all = [...parts, glossaryPart(words)];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${content.question} – rankfleet ${content.kind}</title>
<style>${trusted(pageStyle)}</style>
</head>
<body>
<a class="skip" href="#part-answer">Skip to the answer</a>
<div class="page">
<header>
<p class="origin"><strong>rankfleet ${content.kind}</strong><span>from <code>${source}</code></span></p>
<h1>${content.question}</h1>
</header>
<nav aria-label="Parts of this page"><ol>
${all.flatMap(navigation)}</ol></nav>
<main>
${all.map(partMarkup)}</main>
<footer>Written by ${product}. This page is one file, and loads nothing from anywhere.</footer>
</div>
<script>${trusted(script)}</script>
</body>
</html>
`;
  return page.text;
}

/** Everything of the page but the glossary, which depends on it. */
function partsOf(
  content: Content,
  charts: readonly Chart[],
  absent: readonly Absence[],
  text: string,
): Part[] {
  return [
    { id: 'answer', title: 'The answer', body: answerMarkup(content) },
    ...content.sections.map(sectionMarkup),
    ...(charts.length > 0 ? [chartsPart(charts)] : []),
    ...(absent.length > 0 ? [absentPart(absent)] : []),
    sectionMarkup(content.evidence),
    ...provenanceMarkup(content),
    textPart(text),
  ];
}

function chartsPart(charts: readonly Chart[]): Part {
  return {
    id: 'charts',
    title: 'Charts',
    inner: charts.map(({ id, title }) => ({ id, title })),
    body: html`${charts.map(chartMarkup)}`,
  };
}

function absentPart(absent: readonly Absence[]): Part {
  const items = absent.map(
    ({ title, reason }) => html`<div><dt>${title}</dt><dd>${reason}</dd></div>
`,
  );
  return {
    id: 'not-shown',
    title: 'What this page cannot show',
    body: html`<dl class="glossary">
${items}</dl>
`,
  };
}

function textPart(text: string): Part {
  return {
    id: 'text',
    title: 'The same as plain text',
    body: html`<details>
<summary>What rankfleet prints in a terminal</summary>
<pre tabindex="0">${text}</pre>
</details>
`,
  };
}

function glossaryPart(words: ReturnType<typeof glossaryOf>): Part {
  const items = words.map(
    ({ name, meaning }) => html`<div><dt>${name}</dt><dd>${meaning}</dd></div>
`,
  );
  return {
    id: 'glossary',
    title: 'Glossary',
    body: html`<dl class="glossary">
${items}</dl>
`,
  };
}

function navigation({ id, title, inner = [] }: Part): Markup[] {
  return [
    html`<li><a href="#part-${id}">${title}</a></li>
`,
    ...inner.map(
      (one) => html`<li class="inner"><a href="#${one.id}">${one.title}</a></li>
`,
    ),
  ];
}

/** Nothing may be loaded, and nothing may run or style but what the page came with. */
function contentPolicy(script: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(pageStyle)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
