import { bytesToDecimal, dateToDays, daysToDate, decimalToBytes } from '@troupe/core';
import { avsc } from './avsc-boundary.ts';

type Convert = (value: unknown) => unknown;
const same: Convert = (value) => value;

/** A point in time as Date. */
class TimestampType extends avsc.types.LogicalType {
  protected override _fromValue(value: unknown): Date {
    const date = new Date(Number(value));
    if (Number.isNaN(date.getTime())) throw new Error('a timestamp that no Date can hold');
    return date;
  }

  protected override _toValue(date: unknown): number | undefined {
    return date instanceof Date ? date.getTime() : undefined;
  }

  protected override _resolve(writer: avsc.Type): Convert | undefined {
    if (writer instanceof TimestampType) return same;
    return ['long', 'int'].includes(writer.typeName) ? this._fromValue : undefined;
  }
}

/** A calendar day as `YYYY-MM-DD`. */
class DateType extends avsc.types.LogicalType {
  protected override _fromValue(value: unknown): string {
    const date = daysToDate(Number(value));
    if (date === undefined) throw new Error('a date outside of the years 0000 to 9999');
    return date;
  }

  protected override _toValue(date: unknown): number | undefined {
    return typeof date === 'string' ? dateToDays(date) : undefined;
  }

  protected override _resolve(writer: avsc.Type): Convert | undefined {
    if (writer instanceof DateType) return same;
    return writer.typeName === 'int' ? this._fromValue : undefined;
  }
}

interface DecimalSchema {
  readonly precision: number;
  readonly scale: number;
}

/** An exact number as text. */
class DecimalType extends avsc.types.LogicalType {
  readonly #decimal: DecimalSchema;

  constructor(schema: avsc.Schema, options: unknown) {
    super(schema, options);
    // Both were checked when the schema was cleaned.
    const { precision, scale } = schema as unknown as DecimalSchema;
    this.#decimal = { precision, scale };
  }

  protected override _fromValue(bytes: unknown): string {
    const text = bytes instanceof Uint8Array ? bytesToDecimal(bytes, this.#decimal) : undefined;
    if (text !== undefined) return text;
    const { precision, scale } = this.#decimal;
    throw new Error(`a decimal that does not fit (${precision}, ${scale})`);
  }

  protected override _toValue(text: unknown): Uint8Array | undefined {
    return typeof text === 'string' ? decimalToBytes(text, this.#decimal) : undefined;
  }

  protected override _resolve(writer: avsc.Type): Convert | undefined {
    if (!(writer instanceof DecimalType)) {
      return writer.typeName === 'bytes' ? (bytes) => this._fromValue(bytes) : undefined;
    }
    const { precision, scale } = writer.#decimal;
    return scale === this.#decimal.scale && precision <= this.#decimal.precision ? same : undefined;
  }
}

/**
 * A writer's logical type that Troupe does not have, `timestamp-micros` say. It can be skipped, and read as the number
 * that it is; but not as another logical type, which avsc would do, wrong by a factor of a thousand.
 */
class ForeignLogicalType extends avsc.types.LogicalType {
  protected override _fromValue(value: unknown): unknown {
    return value;
  }

  protected override _toValue(value: unknown): unknown {
    return value;
  }

  protected override _resolve(): undefined {
    return undefined;
  }
}

/** The name under which a schema's own logical type stands after `foreignLogicalType` took its place. */
export const foreignLogicalType = 'troupe-foreign';

/** By their names in a schema. Text types (uuid) need none: they are the text. */
export const logicalTypes = {
  'timestamp-millis': TimestampType,
  date: DateType,
  decimal: DecimalType,
  [foreignLogicalType]: ForeignLogicalType,
} as const;

/** What a known logical type stands on; anywhere else it is to be ignored, says Avro. */
export const logicalTypeBases: Readonly<Record<string, string>> = {
  'timestamp-millis': 'long',
  date: 'int',
  decimal: 'bytes',
};
