// What the sketch of examples/arduino needs of the Arduino core, for a test on this machine. Time passes as fast as the
// environment says (SPEED), and what a pin is given is printed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#define F(text) text

enum { OUTPUT = 1, LOW = 0, HIGH = 1, LED_BUILTIN = 2, A0 = 36 };

unsigned long millis();
uint32_t esp_random();
void pinMode(int pin, int mode);
void digitalWrite(int pin, int value);
int analogRead(int pin);

class Print {
 public:
  virtual ~Print() = default;
  virtual size_t write(const uint8_t *bytes, size_t length) = 0;
  size_t print(const char *text) { return write(reinterpret_cast<const uint8_t *>(text), strlen(text)); }
  size_t print(char byte) { return write(reinterpret_cast<const uint8_t *>(&byte), 1); }
  size_t print(int number) { return print(std::to_string(number).c_str()); }
};

// https://docs.arduino.cc/language-reference/en/functions/wifi/client/
class Client : public Print {
 public:
  virtual int connect(const char *host, uint16_t port) = 0;
  virtual int available() = 0;
  virtual int read() = 0;
  virtual void stop() = 0;
  virtual uint8_t connected() = 0;
};
