// Posts the value of A0 to a room once a minute, and switches the LED when somebody says `led on` or `led off` there.
//
// For an ESP32 or an ESP8266. Copy proof.h, proof.c, sha256.h and sha256.c from ../sensor into this folder, and fill in
// settings.h. The device logs in by a proof of its token (PROTOCOL.md, 8.6): it sends neither the token nor a
// password, and believes nothing before the server has proved that it knows the token too. A value whose reply is lost
// is sent again with its key, so that it is stored once.
#ifdef ESP8266
#include <ESP8266WiFi.h>
#else
#include <WiFi.h>
#endif

#include "proof.h"
#include "settings.h"

#ifndef LED_BUILTIN
#define LED_BUILTIN 2
#endif

enum Asked { nothing, toFormat, toChallenge, toProve, toFormatAgain, toJoin, toPost };

static const unsigned long minute = 60000;
static const struct token token = {token_id, secret};

static WiFiClient client;
static Asked asked = nothing;      // what waits for its reply
static bool isIn = false;          // the room
static unsigned long askedAt = 0;  // when it was asked, or the connection was lost
static unsigned long pause = 1000;  // until the next attempt to connect
static unsigned long takenAt = 0;   // when the newest value was taken
static unsigned long postAt = 0;    // when a value that was refused is sent again
static int value = 0;
static char key[17] = "";  // of the value that is not stored yet; empty for none
static char line[512];
static size_t filled = 0;
static bool isCut = false;
static char nonce[23], expected[proof_size], user[129];

static uint32_t randomWord() {
#ifdef ESP8266
  return RANDOM_REG32;
#else
  return esp_random();
#endif
}

static void randomText(char *text, size_t bytes) {
  uint8_t random[16];
  for (size_t at = 0; at < bytes; at++) random[at] = (uint8_t)randomWord();
  base64url(random, bytes, text);
}

static void hangUp(unsigned long wait) {
  client.stop();
  asked = nothing;
  isIn = isCut = false;
  filled = 0;
  askedAt = millis();
  pause = wait;
}

static void ask(Asked what) {
  asked = what;
  askedAt = millis();
  client.print('\n');
}

static void format(Asked what) {
  client.print(F("{\"command\":\"set_session\",\"form\":\"tsv\",\"max_line\":512,\"keepalive\":0,\"ascii\":false,"));
  client.print(F("\"events\":\"messages\",\"names\":false}"));
  ask(what);
}

static void connectTo() {
  // At most a minute between two attempts, and not all devices at once.
  const unsigned long next = (pause < minute / 2 ? 2 * pause : minute / 2) + randomWord() % 1000;
  if (!client.connect(host, port)) return hangUp(next);
  pause = next;
  format(toFormat);
}

// A column of the line, in which zero bytes stand in the place of TABs. Empty where there are not so many.
static const char *column(size_t length, int number) {
  const char *at = line;
  while (number-- > 0 && at < line + length) at += strlen(at) + 1;
  return at < line + length ? at : "";
}

static void challenge() {
  randomText(nonce, 16);
  client.print(F("{\"command\":\"challenge_token\",\"token_id\":\""));
  client.print(token_id);
  client.print(F("\",\"nonce\":\""));
  client.print(nonce);
  client.print(F("\"}"));
  ask(toChallenge);
}

static void prove(const char *serverNonce) {
  char proof[proof_size];
  client_proof(&token, nonce, serverNonce, proof);
  server_proof(&token, nonce, serverNonce, expected);
  client.print(F("{\"command\":\"authenticate_proof\",\"proof\":\""));
  client.print(proof);
  client.print(F("\"}"));
  ask(toProve);
}

static void join() {
  client.print(F("{\"command\":\"join_chatroom\",\"username\":\""));
  client.print(user);
  client.print(F("\",\"room\":\""));
  client.print(room);
  client.print(F("\"}"));
  ask(toJoin);
}

static void post() {
  client.print(F("{\"command\":\"post_message\",\"room\":\""));
  client.print(room);
  client.print(F("\",\"message\":\""));
  client.print(value);
  client.print(F("\",\"key\":\""));
  client.print(key);
  client.print(F("\"}"));
  ask(toPost);
}

// Deals with a reply: its columns are code, command, ref, then results, or error, field, retry_after.
static void takeReply(int code, size_t length) {
  const Asked was = asked;
  const unsigned long wait = strtoul(column(length, 5), NULL, 10);
  asked = nothing;
  if (was == toPost) {
    // A value that the server will never take is given up; one that it may take later is sent again.
    if (code == 1 || code == 5 || code == 7 || code == 18) key[0] = 0;
    else postAt = millis() + (wait > 0 ? wait : minute);
  } else if (code != 1) {
    hangUp(wait > 0 ? wait : minute);
  } else if (was == toFormat) {
    challenge();
  } else if (was == toChallenge) {
    prove(column(length, 3));
  } else if (was == toProve) {
    // This is not the server, or the token was made in a session with another form than tsv (../README.md).
    if (!same_proof(expected, column(length, 4))) return hangUp(minute);
    strncpy(user, column(length, 3), sizeof user - 1);
    pause = 1000;
    format(toFormatAgain);  // the token may have kept other settings
  } else if (was == toFormatAgain) {
    join();
  } else {
    isIn = true;
  }
}

static void takeLine(size_t length) {
  for (size_t at = 0; at < length; at++)
    if (line[at] == '\t') line[at] = 0;
  const int code = atoi(line);
  if (code == 100) {
    const char *text = column(length, 5);
    if (strcmp(text, "led on") == 0) digitalWrite(LED_BUILTIN, HIGH);
    if (strcmp(text, "led off") == 0) digitalWrite(LED_BUILTIN, LOW);
  } else if (code == 199 || code == 106) {
    hangUp(minute);
  } else if (code < 100 && asked != nothing) {
    takeReply(code, length);
  }
}

static void readLines() {
  while (client.available() > 0) {
    const char byte = (char)client.read();
    if (byte != '\n') {
      if (filled < sizeof line - 1) line[filled++] = byte;
      else isCut = true;  // only a notice before the reply to set_session can be as long
      continue;
    }
    line[filled++] = 0;
    const size_t length = filled;
    filled = 0;
    if (!isCut) takeLine(length);
    isCut = false;
  }
}

void setup() {
  pinMode(LED_BUILTIN, OUTPUT);
  WiFi.begin(network, passphrase);
  askedAt = millis();
}

void loop() {
  const unsigned long now = millis();
  if (key[0] == 0 && (takenAt == 0 || now - takenAt >= minute)) {
    takenAt = now;
    postAt = now;
    value = analogRead(A0);
    randomText(key, 12);
  }
  if (!client.connected() && client.available() == 0) {
    if (asked != nothing || isIn) hangUp(pause);
    if (WiFi.status() == WL_CONNECTED && now - askedAt >= pause) connectTo();
    return;
  }
  readLines();
  if (asked != nothing && now - askedAt >= minute / 2) return hangUp(pause);
  if (asked == nothing && isIn && key[0] != 0 && (long)(now - postAt) >= 0) post();
}
