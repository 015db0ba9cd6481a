/** A server cannot run here because the machine lacks a program; the message names the way out. */
export class MissingProgramError extends Error {
  override readonly name = 'MissingProgramError';
  readonly server: string;
  readonly program: string;

  constructor(server: string, program: string, wayOut: string) {
    super(`${server} needs ${program}: ${wayOut}, or start Docker`);
    this.server = server;
    this.program = program;
  }
}
