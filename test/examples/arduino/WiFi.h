// A wireless network that is always there, and a client over POSIX sockets.
#pragma once
#include "Arduino.h"

enum { WL_CONNECTED = 3 };

class WiFiClient : public Client {
 public:
  int connect(const char *host, uint16_t port) override;
  int available() override;
  int read() override;
  size_t write(const uint8_t *bytes, size_t length) override;
  void stop() override;
  uint8_t connected() override;

 private:
  int socket = -1;
};

class WiFiClass {
 public:
  void begin(const char *network, const char *passphrase) {
    (void)network;
    (void)passphrase;
  }
  int status() { return WL_CONNECTED; }
};

extern WiFiClass WiFi;
