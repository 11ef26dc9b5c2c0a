// Runs the sketch as an Arduino does: setup once, then loop for ever.
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "WiFi.h"

void setup();
void loop();

WiFiClass WiFi;

unsigned long millis() {
  static const unsigned long speed = strtoul(getenv("SPEED"), nullptr, 10);
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<unsigned long>(now.tv_sec * 1000 + now.tv_nsec / 1000000) * speed;
}

uint32_t esp_random() {
  uint32_t word = 0;
  if (getrandom(&word, sizeof word, 0) != sizeof word) abort();
  return word;
}

void pinMode(int, int) {}

void digitalWrite(int pin, int value) {
  printf("pin %d %d\n", pin, value);
  fflush(stdout);
}

int analogRead(int) {
  static int value = 500;
  printf("read %d\n", value);
  fflush(stdout);
  return value++;
}

int WiFiClient::connect(const char *host, uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, host, &address.sin_addr);
  socket = ::socket(AF_INET, SOCK_STREAM, 0);
  if (::connect(socket, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0) return 1;
  stop();
  return 0;
}

int WiFiClient::available() {
  int bytes = 0;
  if (socket >= 0) ioctl(socket, FIONREAD, &bytes);
  return bytes;
}

int WiFiClient::read() {
  uint8_t byte = 0;
  return socket >= 0 && recv(socket, &byte, 1, 0) == 1 ? byte : -1;
}

size_t WiFiClient::write(const uint8_t *bytes, size_t length) {
  const ssize_t sent = socket < 0 ? -1 : send(socket, bytes, length, MSG_NOSIGNAL);
  return sent < 0 ? 0 : static_cast<size_t>(sent);
}

void WiFiClient::stop() {
  if (socket >= 0) close(socket);
  socket = -1;
}

uint8_t WiFiClient::connected() {
  uint8_t byte = 0;
  if (socket < 0) return 0;
  const ssize_t got = recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got > 0 || (got < 0 && errno == EAGAIN);
}

int main() {
  setup();
  for (;;) {
    loop();
    usleep(1000);
  }
}
