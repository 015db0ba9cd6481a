import { findProgram } from './find-program.ts';
import { MissingProgramError } from './missing-program-error.ts';
import { runProgram } from './run-program.ts';

const javaMin = 17;
const wayOut = `install Java ${javaMin} or newer (Debian: 'apt-get install default-jre-headless')`;

/** The Java that runs `server`; refuses one that is too old, or is only a stub without a Java. */
export async function requireJava(server: string): Promise<string> {
  const java = findProgram('java');
  if (java === undefined) throw new MissingProgramError(server, `Java ${javaMin}`, wayOut);
  const said = await runProgram({ command: java, args: ['-version'] }).catch(String);
  const version = parseJavaVersion(said);
  if (version === undefined || version < javaMin) {
    const found = version === undefined ? 'runs no Java' : `is Java ${version}`;
    throw new MissingProgramError(server, `Java ${javaMin}`, `${java} ${found}; ${wayOut}`);
  }
  return java;
}

/** The major version out of `java -version`: 8 of "1.8.0_392", 17 of "17.0.15". */
export function parseJavaVersion(text: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(text);
  return match === null ? undefined : Number(match[1]);
}
