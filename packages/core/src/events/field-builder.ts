import type { AvroType, Field, FieldWithDefault, KeyField, NullableType } from './field.ts';
import { describeValue } from './schema/payload-mismatch.ts';
import type { FieldNode, InvalidNode, SchemaNode } from './schema/schema-node.ts';

type Content = Omit<FieldNode, 'name'>;

/**
 * Every value that `t` makes. It never throws: what is wrong becomes part of the schema, and the definition of the event
 * reports all of it. A value is never changed, so one field can be used in many events.
 */
export class FieldBuilder<Read, Write> implements AvroType<Read, Write> {
  readonly '~field': Content;

  constructor(type: SchemaNode, content: Omit<Content, 'type' | 'key'> = {}, key = false) {
    this['~field'] = { ...content, type, key };
  }

  default(value: Write): FieldWithDefault<Read, Write | undefined> {
    const { type, doc } = this['~field'];
    return new FieldBuilder<Read, Write | undefined>(type, { doc, default: { value } });
  }

  optional(): FieldWithDefault<Read | null, Write | null | undefined> {
    const { type, doc } = this['~field'];
    return new FieldBuilder<Read | null, Write | null | undefined>(nullable(type), {
      doc,
      default: { value: null },
    });
  }

  nullable(): NullableType<Read | null, Write | null> {
    const { type, doc } = this['~field'];
    return new FieldBuilder<Read | null, Write | null>(nullable(type), { doc });
  }

  doc(text: string): FieldBuilder<Read, Write> {
    const { type, ...content } = this['~field'];
    return new FieldBuilder<Read, Write>(type, { ...content, doc: text });
  }

  key(): KeyField<Read, Write> {
    const { type, doc } = this['~field'];
    return new KeyFieldBuilder<Read, Write>(type, doc);
  }
}

class KeyFieldBuilder<Read, Write> implements KeyField<Read, Write> {
  readonly '~key' = true;
  readonly '~field': Content;

  constructor(type: SchemaNode, doc: string | undefined) {
    this['~field'] = { type, doc, key: true };
  }

  doc(text: string): KeyField<Read, Write> {
    return new KeyFieldBuilder<Read, Write>(this['~field'].type, text);
  }
}

export function invalid(fault: string): InvalidNode {
  return { kind: 'invalid', fault };
}

/** The type of an array's items or a map's values: no field of its own, so nothing that belongs to a field. */
export function partNode(part: unknown, where: string): SchemaNode {
  if (!isField(part)) {
    return invalid(`${where} takes a type as t.string(), got ${describeValue(part)}`);
  }
  const { type, default: absent, doc, key } = part['~field'];
  if (absent !== undefined) {
    return invalid(
      `inside ${where} nothing can be left out: use .nullable(), or give the default to the field`,
    );
  }
  if (doc !== undefined) {
    return invalid(
      `.doc() inside ${where} would be lost: Avro keeps it on the field, on a record or on an enum`,
    );
  }
  if (key) return invalid(`.key() inside ${where}: the saga id is a field of the event itself`);
  return type;
}

export function fieldNodes(fields: Readonly<Record<string, unknown>>): FieldNode[] {
  return Object.entries(fields).map(([name, field]) =>
    isField(field)
      ? { name, ...field['~field'] }
      : {
          name,
          type: invalid(`a field is made by t, as t.string(), got ${describeValue(field)}`),
          key: false,
        },
  );
}

function nullable(of: SchemaNode): SchemaNode {
  return { kind: 'nullable', of };
}

function isField(value: unknown): value is Field {
  return typeof value === 'object' && value !== null && '~field' in value;
}
