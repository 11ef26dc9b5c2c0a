#!/bin/sh
# Computes both proofs of an exchange (PROTOCOL.md 8.6) with OpenSSL and awk: `proof.sh TOKEN NONCE SERVER_NONCE`
# prints the proof that the client sends, and the one that the server has to answer. It is for trying out and for tests:
# the token stands in its arguments, and in those of openssl, where others on the same machine can read it.
set -eu
token=$1
signed="${token%%.*},$2,$3"

# Prints the HMAC of standard input in hexadecimal digits. The key is given in hexadecimal digits too.
hmac() { openssl dgst -sha256 -mac hmac -macopt "hexkey:$1" -r | cut -d ' ' -f 1; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
bytes() { awk '{ for (at = 1; at < length($0); at += 2) print substr($0, at, 2) }'; }
# Turns hexadecimal digits into the octal escapes of printf, and those into bytes.
binary() { printf "$(bytes | awk '{ hex = "0123456789abcdef"
  printf "\\%03o", (index(hex, substr($0, 1, 1)) - 1) * 16 + index(hex, substr($0, 2, 1)) - 1 }')"; }
base64url() { binary | openssl base64 -A | tr '+/' '-_' | tr -d '='; }

secret=$(printf %s "${token#*.}" | hex)
client_key=$(printf %s 'salond client' | hmac "$secret")
stored_key=$(echo "$client_key" | binary | openssl dgst -sha256 -r | cut -d ' ' -f 1)
server_key=$(printf %s 'salond server' | hmac "$secret")
signature=$(printf %s "$signed" | hmac "$stored_key")

# The exclusive or of the client's key and the signature, digit by digit.
proof=$(echo "$client_key $signature" | awk '{ hex = "0123456789abcdef"
  for (at = 1; at <= length($1); at++) {
    a = index(hex, substr($1, at, 1)) - 1; b = index(hex, substr($2, at, 1)) - 1; digit = 0
    for (bit = 1; bit < 16; bit *= 2) if (int(a / bit) % 2 != int(b / bit) % 2) digit += bit
    printf "%s", substr(hex, digit + 1, 1) } print "" }')
echo "proof $(echo "$proof" | base64url)"
echo "server_proof $(printf %s "$signed" | hmac "$server_key" | base64url)"
