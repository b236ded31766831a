/*
 * The hook-tool client: what a charm runs as `relation-get`, `status-set`, ... It sends its name and arguments to the
 * agent's unix socket and prints the answer. Protocol: Go net/rpc with gob, method Jujuc.Main, one connection per call
 * (shared/golden/wire.json has the bytes). The type definitions never vary, so they stand here as constants.
 * Exit: the tool's own code, or 1 with an `ERROR ...` line when the agent refused or could not be reached.
 */
#include <errno.h>
#include <libgen.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct buffer {
  unsigned char *data;
  size_t size, capacity;
};

static void fail(const char *format, const char *detail, const char *reason) {
  fputs("ERROR ", stderr);
  fprintf(stderr, format, detail, reason);
  fputc('\n', stderr);
  exit(1);
}

static void append(struct buffer *buffer, const void *data, size_t size) {
  if (buffer->size + size > buffer->capacity) {
    buffer->capacity = (buffer->size + size) * 2 + 256;
    buffer->data = realloc(buffer->data, buffer->capacity);
    if (buffer->data == NULL) fail("%s%s", "out of memory", "");
  }
  if (size > 0) memcpy(buffer->data + buffer->size, data, size);
  buffer->size += size;
}

/* ---- gob encoding ---- */

/* An unsigned gob integer: one byte below 128, else the negated byte count and big-endian bytes. */
static void append_uint(struct buffer *buffer, uint64_t value) {
  unsigned char bytes[9];
  int count = 0;
  if (value < 128) {
    bytes[0] = (unsigned char)value;
    append(buffer, bytes, 1);
    return;
  }
  for (int shift = 56; shift >= 0; shift -= 8)
    if (count > 0 || (value >> shift) != 0) bytes[1 + count++] = (unsigned char)(value >> shift);
  bytes[0] = (unsigned char)-count;
  append(buffer, bytes, (size_t)count + 1);
}

static void append_text(struct buffer *buffer, const void *data, size_t size) {
  append_uint(buffer, size);
  append(buffer, data, size);
}

/* A struct field that is a string or bytes; empty ones are left out, and the next field's number counts them. */
static void append_field(struct buffer *buffer, unsigned *delta, const void *data, size_t size) {
  (*delta)++;
  if (size == 0) return;
  append_uint(buffer, *delta);
  append_text(buffer, data, size);
  *delta = 0;
}

static void append_message(struct buffer *out, const struct buffer *message) {
  append_text(out, message->data, message->size);
}

#define LITERAL(text) text, sizeof(text) - 1

static const char request_header_type[] =
    "\x7f\x03\x01\x01\x07Request\x01\xff\x80\x00\x01\x02\x01\x0dServiceMethod\x01\x0c\x00\x01\x03Seq\x01\x06\x00\x00\x00";
static const char request_body_type[] =
    "\xff\x81\x03\x01\x01\x07Request\x01\xff\x82\x00\x01\x06\x01\x09"
    "ContextId\x01\x0c\x00\x01\x03"
    "Dir\x01\x0c\x00\x01\x0b"
    "CommandName\x01\x0c\x00\x01\x04"
    "Args\x01\xff\x84\x00\x01\x08"
    "StdinSet\x01\x02\x00\x01\x05"
    "Stdin\x01\x0a\x00\x00\x00";
static const char string_slice_type[] = "\xff\x83\x02\x01\x01\x08[]string\x01\xff\x84\x00\x01\x0c\x00\x00";

static void append_call(struct buffer *out, int sequence, const char *context, const char *directory,
                        const char *command, int argc, char **argv, const struct buffer *input) {
  struct buffer message = {0};
  unsigned delta = 0;
  if (sequence == 0) append_text(out, LITERAL(request_header_type));
  append(&message, LITERAL("\xff\x80\x01\x0aJujuc.Main"));
  if (sequence != 0) {
    append(&message, "\x01", 1);
    append_uint(&message, (uint64_t)sequence);
  }
  append(&message, "\x00", 1);
  append_message(out, &message);
  if (sequence == 0) {
    append_text(out, LITERAL(request_body_type));
    append_text(out, LITERAL(string_slice_type));
  }
  message.size = 0;
  append(&message, LITERAL("\xff\x82"));
  append_field(&message, &delta, context, strlen(context));
  append_field(&message, &delta, directory, strlen(directory));
  append_field(&message, &delta, command, strlen(command));
  delta++;
  if (argc > 1) {
    append_uint(&message, delta);
    append_uint(&message, (uint64_t)(argc - 1));
    for (int i = 1; i < argc; i++) append_text(&message, argv[i], strlen(argv[i]));
    delta = 0;
  }
  if (input != NULL) {
    append_uint(&message, delta + 1);
    append(&message, "\x01", 1);
    delta = 0;
    append_field(&message, &delta, input->data, input->size);
  }
  append(&message, "\x00", 1);
  append_message(out, &message);
  free(message.data);
}

/* ---- gob decoding ---- */

struct reader {
  const unsigned char *data;
  size_t size, position;
};

static void broken(void) { fail("%s%s", "bad answer from the agent", ""); }

static uint64_t read_uint(struct reader *reader) {
  if (reader->position >= reader->size) broken();
  unsigned first = reader->data[reader->position++];
  if (first < 128) return first;
  unsigned count = 256 - first;
  if (count > 8 || reader->position + count > reader->size) broken();
  uint64_t value = 0;
  while (count-- > 0) value = value << 8 | reader->data[reader->position++];
  return value;
}

static struct reader read_text(struct reader *reader) {
  uint64_t size = read_uint(reader);
  if (size > reader->size - reader->position) broken();
  struct reader text = {reader->data + reader->position, (size_t)size, 0};
  reader->position += (size_t)size;
  return text;
}

static void read_exactly(int fd, unsigned char *data, size_t size) {
  while (size > 0) {
    ssize_t count = read(fd, data, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail("%s%s", "unexpected EOF", "");
    data += count;
    size -= (size_t)count;
  }
}

/* Reads the next value message, type definitions skipped; leaves the reader behind the type id. */
static struct reader read_value(int fd, struct buffer *store) {
  for (;;) {
    unsigned char head[9];
    read_exactly(fd, head, 1);
    struct reader size_reader = {head, 1, 0};
    if (head[0] >= 128) {
      unsigned count = 256U - head[0];
      if (count > 8) broken();
      read_exactly(fd, head + 1, count);
      size_reader.size = count + 1;
    }
    size_t size = (size_t)read_uint(&size_reader);
    store->size = 0;
    if (size > store->capacity) {
      store->data = realloc(store->data, size);
      store->capacity = size;
      if (store->data == NULL) fail("%s%s", "out of memory", "");
    }
    read_exactly(fd, store->data, size);
    store->size = size;
    struct reader reader = {store->data, size, 0};
    /* A negative (odd) id announces a type. */
    if ((read_uint(&reader) & 1) == 0) return reader;
  }
}

/* ---- the call ---- */

static void write_all(int fd, const unsigned char *data, size_t size) {
  while (size > 0) {
    ssize_t count = write(fd, data, size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      if (fd <= 2) return;
      fail("%s%s", "connection is shut down", "");
    }
    data += count;
    size -= (size_t)count;
  }
}

static const char *required(const char *name) {
  const char *value = getenv(name);
  if (value == NULL || *value == '\0') fail("%s%s", name, " not set");
  return value;
}

/* Like Go: $PWD when it is the current directory, so that symlinks are kept. */
static const char *current_directory(char *store, size_t size) {
  const char *pwd = getenv("PWD");
  struct stat here, there;
  if (pwd != NULL && pwd[0] == '/' && stat(".", &here) == 0 && stat(pwd, &there) == 0 && here.st_dev == there.st_dev &&
      here.st_ino == there.st_ino)
    return pwd;
  if (getcwd(store, size) == NULL) fail("getwd: %s%s", strerror(errno), "");
  return store;
}

static const char *go_reason(int code) {
  switch (code) {
    case ENOENT: return "no such file or directory";
    case ECONNREFUSED: return "connection refused";
    case EACCES: return "permission denied";
    default: return strerror(code);
  }
}

static int dial(const char *network, const char *address) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  size_t length = strlen(address);
  if (strcmp(network, "unix") != 0) fail("dial %s: unknown network %s", network, network);
  if (length >= sizeof(name.sun_path)) fail("dial unix %s: %s", address, "connect: invalid argument");
  memcpy(name.sun_path, address, length);
  socklen_t size = sizeof(name);
  if (address[0] == '@') {
    name.sun_path[0] = '\0';
    size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
  }
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&name, size) != 0)
    fail("dial unix %s: connect: %s", address, go_reason(errno));
  return fd;
}

static void read_stdin(struct buffer *input) {
  unsigned char chunk[65536];
  for (;;) {
    ssize_t count = read(0, chunk, sizeof(chunk));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("reading stdin: %s%s", strerror(errno), "");
    if (count == 0) return;
    append(input, chunk, (size_t)count);
  }
}

int main(int argc, char **argv) {
  static const char stdin_wanted[] = "hook tool requires stdin, none supplied";
  char directory_store[65536];
  struct buffer out = {0}, answer = {0}, input = {0};
  const char *context = required("JUJU_CONTEXT_ID");
  const char *directory = current_directory(directory_store, sizeof(directory_store));
  const char *address = required("JUJU_AGENT_SOCKET_ADDRESS");
  const char *network = required("JUJU_AGENT_SOCKET_NETWORK");
  const char *command = argc > 0 ? basename(argv[0]) : "";
  int fd = dial(network, address);

  for (int sequence = 0;; sequence++) {
    out.size = 0;
    append_call(&out, sequence, context, directory, command, argc, argv, sequence == 0 ? NULL : &input);
    write_all(fd, out.data, out.size);

    /* Response header: ServiceMethod, Seq, Error. */
    struct reader error = {0};
    struct reader reader = read_value(fd, &answer);
    for (unsigned field = 0;;) {
      unsigned delta = (unsigned)read_uint(&reader);
      if (delta == 0) break;
      field += delta;
      if (field == 2) read_uint(&reader);
      else if (field == 1) read_text(&reader);
      else error = read_text(&reader);
    }
    if (error.size > 0) {
      int wants_stdin = sequence == 0 && error.size == sizeof(stdin_wanted) - 1 &&
                        memcmp(error.data, stdin_wanted, error.size) == 0;
      if (!wants_stdin) {
        fputs("ERROR ", stderr);
        fwrite(error.data, 1, error.size, stderr);
        fputc('\n', stderr);
        return 1;
      }
      read_value(fd, &answer);
      read_stdin(&input);
      continue;
    }

    /* Response body: Code, Stdout, Stderr. */
    int64_t code = 0;
    struct reader standard_out = {0}, standard_error = {0};
    reader = read_value(fd, &answer);
    for (unsigned field = 0;;) {
      unsigned delta = (unsigned)read_uint(&reader);
      if (delta == 0) break;
      field += delta;
      if (field == 1) {
        uint64_t raw = read_uint(&reader);
        code = (raw & 1) != 0 ? ~(int64_t)(raw >> 1) : (int64_t)(raw >> 1);
      } else if (field == 2) standard_out = read_text(&reader);
      else standard_error = read_text(&reader);
    }
    write_all(1, standard_out.data, standard_out.size);
    write_all(2, standard_error.data, standard_error.size);
    return (int)code;
  }
}
