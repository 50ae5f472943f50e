/** Most servers that are added to what the traffic asks for. */
const mostAdded = 1000;

/**
 * Fewest label servers with which no task misses more of its labels than it may; one less does not do. The share that
 * is missed never grows with the servers.
 * @param enough servers from which to start, about as many as miss none
 * @param worstMiss share of its labels that the worst task misses with so many servers
 */
export async function leastServers(
  enough: number,
  most: number,
  worstMiss: (servers: number) => Promise<number>,
): Promise<number> {
  let [below, servers] = [0, enough];
  while ((await worstMiss(servers)) > most) {
    [below, servers] = [servers, servers + 1];
    if (servers > enough + mostAdded) throw new Error(`labels are missed with ${servers} label servers`);
  }
  // Where none may be missed that is the least already, but for rounding; then one less is tried first.
  while (servers - below > 1) {
    const middle = most === 0 ? servers - 1 : Math.floor((below + servers) / 2);
    if ((await worstMiss(middle)) <= most) servers = middle;
    else if (most === 0) break;
    else below = middle;
  }
  return servers;
}
