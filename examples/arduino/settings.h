// What differs between devices. Do not publish the token: who has it is the user.
static const char network[] = "the name of the wireless network";
static const char passphrase[] = "its passphrase";

static const char host[] = "192.168.1.10";
static const uint16_t port = 7256;
static const char room[] = "garden";

// What `create_token` answered, in two: before the dot, and after it.
static const char token_id[] = "5f0c8a1b2d3e4f5061728394";
static const char secret[] = "3xhKc0yP1mQ8vW5tZr7uJb2nLd6fGs9aEiOkHpXqYcM";
