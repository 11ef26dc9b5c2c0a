// Normalizes a password before it is hashed: two keyboards may write one password in two ways.

const ascii = /^[\0-\x7f]*$/;
const otherSpaces = /[^\P{Zs} ]/gu;

/**
 * Applies the mappings of RFC 8265's OpaqueString profile (section 4.2.1): every other space becomes U+0020, and the
 * result is in NFC. It refuses nothing: the length was checked before, on the password as it came.
 */
export function opaqueString(password: string): string {
  return ascii.test(password) ? password : password.replace(otherSpaces, ' ').normalize('NFC');
}
