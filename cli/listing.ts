/** What a list or a detail page holds: text for people, data for `--json`. */
export interface Listing {
  text: string;
  data: unknown;
}
