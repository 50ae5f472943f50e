/** A query to begin with, for the folder of a sweep. */
export function queryHint(folder: string, { hasSla }: { hasSla: boolean }): string {
  const goal = hasSla ? "sla_met = 'yes'" : "verdict <> 'SATURATED'";
  return `Ask: rankfleet query ${folder} "SELECT * FROM points WHERE ${goal} ORDER BY usd_per_hour LIMIT 5"`;
}
