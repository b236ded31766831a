/*
 * juju-exec (2.9: juju-run): runs a command in the hook context of a unit of this machine.
 *
 * It sends the request to the unit agent's run.socket and copies out what comes back. Request: one line of JSON
 * {"command": s, "relation"?: s, "remoteUnit"?: s}. Answer: frames of one byte of kind ('o' stdout, 'e' stderr, 'x' exit
 * code) and four bytes of length (big endian), then that many bytes.
 */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char help[] =
    "Usage: juju-exec [options] [-u] [<unit-name>] <commands>\n"
    "\n"
    "Summary:\n"
    "run commands in a unit's hook context\n"
    "\n"
    "Options:\n"
    "--force-remote-unit  (= false)\n"
    "    run the commands for a specific relation context, bypassing the remote unit check\n"
    "--no-context  (= false)\n"
    "    do not run the command in a unit context\n"
    "-r, --relation (= \"\")\n"
    "    run the commands for a specific relation context on a unit\n"
    "--remote-app (= \"\")\n"
    "    run the commands for a specific remote application in a relation context on a unit\n"
    "--remote-unit (= \"\")\n"
    "    run the commands for a specific remote unit in a relation context on a unit\n"
    "-u (= \"-\")\n"
    "    explicit unit-name, all other arguments are commands. if -u is passed an empty string, unit-name is inferred from state\n"
    "\n"
    "Details:\n"
    "Run the specified commands in the hook context for the unit.\n"
    "\n"
    "unit-name can be either the unit tag:\n"
    " i.e.  unit-ubuntu-0\n"
    "or the unit id:\n"
    " i.e.  ubuntu/0\n"
    "\n"
    "unit-name can be specified by the -u argument.\n"
    "If -u is passed, unit-name cannot be passed as a positional argument.\n"
    "\n"
    "If --no-context is specified, the <unit-name> positional\n"
    "argument or -u argument is not needed.\n"
    "\n"
    "If the there's one and only one unit on this host, <unit-name>\n"
    "is automatically inferred and the positional argument is not needed.\n"
    "If -u is passed an empty string, this behaviour is also observed.\n"
    "\n"
    "Examples:\n"
    "\tjuju-exec app/0 hostname -f\n"
    "\tjuju-exec --no-context -- hostname -f\n"
    "\tjuju-exec \"hostname -f\"\n"
    "\tjuju-exec -u \"\" -- hostname -f\n"
    "\tjuju-exec -u app/0 \"hostname -f\"\n"
    "\tjuju-exec -u app/0 -- hostname -f\n"
    "\n"
    "The commands are executed with '/bin/bash -s', and the output returned.\n";

static void die(const char *what, const char *name) {
  fprintf(stderr, "ERROR %s%s%s\n", what, name[0] ? " " : "", name);
  exit(1);
}

static void json_string(FILE *out, const char *text) {
  fputc('"', out);
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\')
      fprintf(out, "\\%c", c);
    else if (c < 0x20)
      fprintf(out, "\\u%04x", c);
    else
      fputc(c, out);
  }
  fputc('"', out);
}

static void read_all(int fd, unsigned char *into, size_t size) {
  while (size > 0) {
    ssize_t got = read(fd, into, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) die("the agent ended before the command did", "");
    into += got;
    size -= (size_t)got;
  }
}

static void write_all(int fd, const unsigned char *from, size_t size) {
  while (size > 0) {
    ssize_t put = write(fd, from, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) exit(1);
    from += put;
    size -= (size_t)put;
  }
}

/* `app/0` -> `unit-app-0`; a tag stays. */
static void unit_tag(const char *unit, char *tag, size_t size) {
  snprintf(tag, size, strncmp(unit, "unit-", 5) == 0 ? "%s" : "unit-%s", unit);
  for (char *at = tag; *at; at++)
    if (*at == '/') *at = '-';
}

int main(int argc, char **argv) {
  const char *relation = NULL, *remote = NULL, *unit = NULL;
  int at = 1;
  for (; at < argc && argv[at][0] == '-'; at++) {
    if (strcmp(argv[at], "--") == 0) {
      at++;
      break;
    }
    if ((strcmp(argv[at], "-r") == 0 || strcmp(argv[at], "--relation") == 0) && at + 1 < argc)
      relation = argv[++at];
    else if (strcmp(argv[at], "--remote-unit") == 0 && at + 1 < argc)
      remote = argv[++at];
    else if (strcmp(argv[at], "-u") == 0 && at + 1 < argc)
      unit = argv[++at]; /* all other arguments are commands */
    else if (strcmp(argv[at], "-h") == 0 || strcmp(argv[at], "--help") == 0) {
      fputs(help, stdout);
      return 0;
    } else
      die("option provided but not defined:", argv[at]);
  }
  if (argc - at < 1) die("missing commands", "");
  /* The binary lies in <juju directory>/tools; that is how it finds the agents, also in light mode. */
  char base[PATH_MAX], tag[256], path[PATH_MAX + 300];
  ssize_t length_of_exe = readlink("/proc/self/exe", base, sizeof base - 1);
  if (length_of_exe < 0) die("cannot read /proc/self/exe", "");
  base[length_of_exe] = '\0';
  for (int up = 0; up < 2; up++) {
    char *slash = strrchr(base, '/');
    if (slash != NULL) *slash = '\0';
  }
  if (unit == NULL && argc - at >= 2) {
    unit = argv[at++];
    if (strcmp(argv[at], "--") == 0) at++;
  }
  /* Named by an empty string: as if it was not named. */
  int named = unit != NULL && unit[0] != '\0';
  if (named) {
    unit_tag(unit, tag, sizeof tag);
    char agent[PATH_MAX + 300];
    snprintf(agent, sizeof agent, "%s/agents/%s", base, tag);
    if (access(agent, F_OK) != 0) {
      char why[1000];
      snprintf(why, sizeof why, "unit \"%s\" not found on this machine", unit);
      die(why, "");
    }
    snprintf(path, sizeof path, "%s/agents/%s/run.socket", base, tag);
  } else {
    /* One unit on the machine need not be named. */
    char pattern[PATH_MAX + 300];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/agents/unit-*/run.socket", base);
    if (glob(pattern, 0, NULL, &found) != 0 || found.gl_pathc == 0) die("no unit agent runs on this machine", "");
    if (found.gl_pathc > 1) die("missing unit-name: several units are on this machine", "");
    snprintf(path, sizeof path, "%s", found.gl_pathv[0]);
    snprintf(tag, sizeof tag, "unit");
  }

  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) die("socket path too long:", path);
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
    char why[PATH_MAX + 1000];
    snprintf(why, sizeof why, "the agent of \"%s\" is not running (%s: %s)", tag, path,
             strerror(errno));
    die(why, "");
  }

  char *request = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&request, &length);
  fputs("{\"command\":", out);
  /* Several arguments are one command line, as a shell would join them. */
  size_t total = 1;
  for (int i = at; i < argc; i++) total += strlen(argv[i]) + 1;
  char *command = calloc(1, total);
  for (int i = at; i < argc; i++) {
    if (i > at) strcat(command, " ");
    strcat(command, argv[i]);
  }
  json_string(out, command);
  if (relation != NULL) {
    fputs(",\"relation\":", out);
    json_string(out, relation);
  }
  if (remote != NULL) {
    fputs(",\"remoteUnit\":", out);
    json_string(out, remote);
  }
  fputs("}\n", out);
  fclose(out);
  write_all(fd, (unsigned char *)request, length);

  for (;;) {
    unsigned char head[5];
    read_all(fd, head, sizeof head);
    uint32_t size = (uint32_t)head[1] << 24 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 8 | head[4];
    unsigned char *body = malloc(size + 1);
    read_all(fd, body, size);
    body[size] = '\0';
    if (head[0] == 'x') return atoi((char *)body);
    write_all(head[0] == 'e' ? 2 : 1, body, size);
    free(body);
  }
}
