import { avsc } from './avsc-boundary.ts';

/**
 * A union of null and one other type, unwrapped. Which branch a value takes is a comparison with null; avsc would look
 * at the value's kind, which tells no Uint8Array from a record, and try each logical type in turn.
 */
export class NullableType extends avsc.types.UnwrappedUnionType {
  _getIndex(value: unknown): number {
    const nullIndex = this.types[0]?.typeName === 'null' ? 0 : 1;
    return value === null ? nullIndex : 1 - nullIndex;
  }
}

export function isNullable(branches: readonly unknown[]): boolean {
  return branches.length === 2 && branches.includes('null');
}
