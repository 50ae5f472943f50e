/** Runs a lookup of something that a field names; what has no position in a file is located at that field. */
export type Locating = <Found>(path: PropertyKey[], find: (from: string) => Found) => Found;
