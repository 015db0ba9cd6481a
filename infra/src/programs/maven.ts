import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from './find-program.ts';
import { MissingProgramError } from './missing-program-error.ts';
import { runProgram } from './run-program.ts';

const plugin = 'org.apache.maven.plugins:maven-dependency-plugin';

export function requireMaven(server: string): string {
  const maven = findProgram('mvn');
  if (maven !== undefined) return maven;
  throw new MissingProgramError(server, 'Maven', "install it (Debian: 'apt-get install maven')");
}

/** Fetches libraries, given as `group:artifact:version`, with all they need into `folder`. */
export async function fetchJars(
  server: string,
  libraries: readonly string[],
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const dependencies = libraries.map((library) => {
    const [group, artifact, version] = library.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  });
  const project = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>troupe</groupId><artifactId>${server}</artifactId><version>1</version>
  <packaging>pom</packaging>
  <dependencies>${dependencies.join('')}</dependencies>
</project>
`;
  const projectFile = join(folder, 'pom.xml');
  await writeFile(projectFile, project);
  const goal = `${plugin}:3.6.1:copy-dependencies`;
  const args = ['-B', '-q', '-f', projectFile, goal, `-DoutputDirectory=${folder}`];
  await runProgram({
    command: requireMaven(server),
    args: [...args, '-DincludeScope=runtime'],
    cwd: folder,
    signal,
  });
}

/**
 * Fetches one file, given as `group:artifact:version:type:classifier`, without what it depends on.
 * This version of the plugin does not read the file's project, whose parent may be unpublished.
 */
export async function fetchArtifact(
  server: string,
  artifact: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const args = ['-B', '-q', `${plugin}:2.10:copy`, `-Dartifact=${artifact}`];
  await runProgram({
    command: requireMaven(server),
    args: [...args, `-DoutputDirectory=${folder}`],
    cwd: folder,
    signal,
  });
}
