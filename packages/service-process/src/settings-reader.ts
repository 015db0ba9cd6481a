import { ConfigurationError } from '@troupe/core';

/** As `process.env`, which is read where a process begins and nowhere else. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads settings from an environment and collects what is wrong with them, so that a person mends all at once. After a
 * fault the value returned is of no use: call `finish`, which throws.
 *
 * @example
 * const read = new SettingsReader('inventory', process.env);
 * return read.finish({ healthPort: read.port('HEALTH_PORT', 7101) });
 */
export class SettingsReader {
  readonly #service: string;
  readonly #environment: Environment;
  readonly #faults: string[] = [];

  constructor(service: string, environment: Environment) {
    this.#service = service;
    this.#environment = environment;
  }

  /** `host:port`, several separated by commas. */
  addresses(name: string, example: string): readonly string[] {
    const text = this.#required(name, example);
    const addresses = text.split(',').map((address) => address.trim());
    const wrong = addresses.filter((address) => !isAddress(address));
    if (text !== '' && wrong.length > 0) {
      this.#faults.push(
        `${name} has ${wrong.map(quoted).join(', ')}: expected host:port, several separated by commas, as ${name}=${example}`,
      );
    }
    return addresses;
  }

  url(name: string, example: string): string {
    const text = this.#required(name, example);
    return text === '' ? text : this.#checkedUrl(name, text, example);
  }

  optionalUrl(name: string, example: string): string | undefined {
    const text = this.#text(name);
    return text === undefined ? undefined : this.#checkedUrl(name, text, example);
  }

  /** 0 is any free one. */
  port(name: string, preset: number): number {
    const text = this.#text(name);
    if (text === undefined) return preset;
    const port = Number(text);
    if (/^\d+$/.test(text) && port <= 65_535) return port;
    this.#faults.push(
      `${name} is ${quoted(text)}: expected a port, a whole number from 0 to 65535`,
    );
    return preset;
  }

  /** Milliseconds: a whole number from `min` to `max`. */
  durationMs(
    name: string,
    preset: number,
    { min, max }: { readonly min: number; readonly max: number },
  ): number {
    const text = this.#text(name);
    if (text === undefined) return preset;
    const duration = Number(text);
    if (/^\d+$/.test(text) && duration >= min && duration <= max) return duration;
    this.#faults.push(
      `${name} is ${quoted(text)}: expected milliseconds, a whole number from ${min} to ${max}`,
    );
    return preset;
  }

  oneOf<const Choice extends string>(
    name: string,
    choices: readonly Choice[],
    preset: Choice,
  ): Choice {
    const text = this.#text(name);
    if (text === undefined) return preset;
    const choice = choices.find((known) => known === text);
    if (choice === undefined) {
      this.#faults.push(`${name} is ${quoted(text)}: expected one of ${choices.join(', ')}`);
    }
    return choice ?? preset;
  }

  text(name: string, preset: string): string {
    return this.#text(name) ?? preset;
  }

  optionalText(name: string): string | undefined {
    return this.#text(name);
  }

  /** As it is, blanks and all; no fault repeats it. */
  secret(name: string): string | undefined {
    return this.#environment[name] || undefined;
  }

  /** What somebody else found wrong with what was read. */
  fault(text: string): void {
    this.#faults.push(text);
  }

  /** Returns `settings`. Throws `ConfigurationError` with every fault when there was one. */
  finish<T>(settings: T): T {
    if (this.#faults.length === 0) return settings;
    const list = this.#faults.map((fault) => `\n  - ${fault}`).join('');
    throw new ConfigurationError(
      `the environment of ${this.#service} is not complete, or not right:${list}`,
      { details: { faults: this.#faults } },
    );
  }

  #required(name: string, example: string): string {
    const text = this.#text(name);
    if (text === undefined) {
      this.#faults.push(`${name} is missing: set it, as ${name}=${example}`);
    }
    return text ?? '';
  }

  /** An empty variable is one that is not there: shells and compose files make them by accident. */
  #text(name: string): string | undefined {
    const text = this.#environment[name]?.trim();
    return text === '' ? undefined : text;
  }

  #checkedUrl(name: string, text: string, example: string): string {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
      // It may have a user and a password in it.
      const is = text.includes('@')
        ? 'no address: expected one'
        : `${quoted(text)}: expected an address`;
      this.#faults.push(`${name} is ${is}, as ${name}=${example}`);
    }
    return text;
  }
}

function isAddress(text: string): boolean {
  const port = Number(
    /^[^\s:/]+:(\d{1,5})$|^\[[\da-fA-F:]+\]:(\d{1,5})$/.exec(text)?.slice(1).join(''),
  );
  return port >= 1 && port <= 65_535;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text);
}
