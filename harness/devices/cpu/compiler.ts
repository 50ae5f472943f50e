import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A C++ compiler of this machine. */
export interface Compiler {
  /** Program and leading arguments: `CXX` may hold both. */
  command: readonly string[];
  /** First line of what it says about itself. */
  version: string;
}

/**
 * The first compiler that answers: RANKFLEET_CXX alone where it is set, else CXX, c++, g++, clang++. What came of each
 * goes to `looked`, a line each.
 */
export async function findCompiler(looked: string[]): Promise<Compiler | undefined> {
  for (const [name, text] of candidates()) {
    const command = text.split(/\s+/).filter((part) => part !== '');
    const version = await versionOf(command);
    if (version) {
      looked.push(`${name}: ${version}`);
      return { command, version };
    }
    looked.push(`${name}: not found, or it does not run`);
  }
  return undefined;
}

function candidates(): [name: string, command: string][] {
  const { RANKFLEET_CXX, CXX } = process.env;
  if (RANKFLEET_CXX) return [[`RANKFLEET_CXX=${RANKFLEET_CXX}`, RANKFLEET_CXX]];
  const usual = ['c++', 'g++', 'clang++'].map((name): [string, string] => [name, name]);
  return CXX ? [[`CXX=${CXX}`, CXX], ...usual] : usual;
}

async function versionOf([program, ...leading]: readonly string[]): Promise<string | undefined> {
  if (!program) return undefined;
  try {
    const { stdout } = await promisify(execFile)(program, [...leading, '--version'], { timeout: 20_000 });
    return stdout.split('\n', 1)[0].trim() || program;
  } catch {
    return undefined;
  }
}
