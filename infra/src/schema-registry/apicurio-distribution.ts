import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Installation, installedFolder, installOnce } from '../cache/install-once.ts';
import { requireJava } from '../programs/java.ts';
import { fetchArtifact, requireMaven } from '../programs/maven.ts';
import { runProgram } from '../programs/run-program.ts';
import { versions } from '../versions.ts';

const archive = `apicurio-registry-app-${versions.apicurio}-all.tar.gz`;

const installation: Installation = {
  name: `apicurio-${versions.apicurio}`,
  make: async (folder, signal) => {
    const artifact = `io.apicurio:apicurio-registry-app:${versions.apicurio}:tar.gz:all`;
    await fetchArtifact('Apicurio', artifact, folder, signal);
    await runProgram({ command: 'tar', args: ['-xzf', archive], cwd: folder, signal });
    await rm(join(folder, archive));
  },
};

export async function installApicurio(
  signal?: AbortSignal,
): Promise<{ command: string; args: string[] }> {
  const command = await requireJava('The schema registry');
  const folder = await installOnce(installation, { signal });
  const jar = join(folder, `apicurio-registry-app-${versions.apicurio}-runner.jar`);
  return { command, args: ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-jar', jar] };
}

/** Throws a MissingProgramError where the registry can neither be run nor fetched. */
export async function checkSchemaRegistryCanRun(): Promise<void> {
  await requireJava('The schema registry');
  if (installedFolder(installation.name) === undefined) requireMaven('The schema registry');
}
