/** Characters of a token, on average: what prose and code come to with the tokenisers of usual models. */
const charactersPerToken = 3.5;

/** How many tokens a text is likely to be, rather too many than too few. */
export function estimatedTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}
