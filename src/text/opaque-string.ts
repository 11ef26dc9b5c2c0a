// How a password is written before it is hashed: two keyboards may write one password in two ways.

const ascii = /^[\0-\x7f]*$/;
const otherSpaces = /[^\P{Zs} ]/gu;

/**
 * The password as the mappings of RFC 8265's OpaqueString profile leave it (section 4.2.1): every other space becomes
 * U+0020, and the whole is in NFC. Nothing is refused, and its length is not looked at: that was done before, on the
 * password as it came.
 */
export function opaqueString(password: string): string {
  return ascii.test(password) ? password : password.replace(otherSpaces, ' ').normalize('NFC');
}
