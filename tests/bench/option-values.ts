import { type ParseArgsConfig, parseArgs } from 'node:util';

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

/** The options of one benchmark as they were given. What is wrong with them is told together with how it is used. */
export class OptionValues {
  readonly #usage: string;

  constructor(usage: string) {
    this.#usage = usage;
  }

  parse<const Options extends NonNullable<ParseArgsConfig['options']>>(
    args: readonly string[],
    options: Options,
  ) {
    try {
      return parseArgs({ args: [...args], allowPositionals: false, options }).values;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new UsageError(`${error.message}\n${this.#usage}`, { cause: error });
    }
  }

  number(option: string, text: string, { min, max, whole = false }: NumberRange): number {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    const fits = value >= min && value <= max && (!whole || Number.isInteger(value));
    if (fits) return value;
    const kind = whole ? 'a whole number' : 'a number';
    throw this.wrong(`--${option}: '${text}' is not ${kind} from ${min} to ${max}`);
  }

  /** Separated by commas. */
  numbers(option: string, text: string, range: NumberRange): readonly number[] {
    return text.split(',').map((one) => this.number(option, one, range));
  }

  oneOf<Name extends string>(names: readonly Name[], option: string, text: string): Name {
    const name = names.find((candidate) => candidate === text);
    if (name !== undefined) return name;
    throw this.wrong(`--${option}: '${text}' is none of ${names.join(', ')}`);
  }

  wrong(message: string): UsageError {
    return new UsageError(`${message}.\n${this.#usage}`);
  }
}
