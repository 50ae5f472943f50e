/** What the command line says of a comparison. */
export interface CompareOptions {
  arm: string[];
  armA?: string;
  armB?: string;
  seed?: number;
  replications?: number;
  workers?: number;
  attribution: boolean;
  out?: string;
  json?: boolean;
}
