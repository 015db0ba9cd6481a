/** Characters. A saga's name travels with version and hash in one header of 256 bytes. */
export const nameLengthMax = 200;
export const versionMax = 999_999_999;

const namePattern = `[A-Za-z][\\w.-]{0,${nameLengthMax - 1}}`;
const versionPattern = `[1-9]\\d{0,${String(versionMax).length - 1}}`;

const nameForm = new RegExp(`^${namePattern}$`);

/** Whether a saga or a step may be called that: names stand in headers, in keys and on pages. */
export function isName(text: string): boolean {
  return nameForm.test(text);
}

/** What types and topics of Troupe's own events begin with, and no other's. */
export const reservedPrefix = 'troupe.';

export function isReserved(text: string): boolean {
  return text.startsWith(reservedPrefix);
}

/** `place-order@1#9f86d081884c7d65`. */
export const sagaRefForm = new RegExp(
  `^(?<name>${namePattern})@(?<version>${versionPattern})#(?<hash>[0-9a-f]{8,64})$`,
);
