import { findProgram } from './find-program.ts';
import { MissingProgramError } from './missing-program-error.ts';

export function requireGo(server: string): string {
  const go = findProgram('go');
  if (go !== undefined) return go;
  throw new MissingProgramError(server, 'Go', "install it (Debian: 'apt-get install golang-go')");
}
