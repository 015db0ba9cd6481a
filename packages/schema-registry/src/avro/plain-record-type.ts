import { avsc } from './avsc-boundary.ts';

/** A record whose values are plain objects: avsc would give each record type a prototype of its own. */
export class PlainRecordType extends avsc.types.RecordType {
  constructor(schema: avsc.Schema, options: unknown) {
    super(schema, options);
    this.recordConstructor.prototype = Object.prototype;
  }
}
