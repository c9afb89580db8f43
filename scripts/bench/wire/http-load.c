/*
 * HTTP clients for `npm run bench -- http`: fetch a file, whole or in ranges, over several connections at once, and
 * compare every byte with what it is to be. One thread on epoll.
 *
 * http-load ADDRESS PORT PATH FILE CLIENTS RANGE_BYTES TOTAL_BYTES
 * With RANGE_BYTES 0 each client fetches the whole file once. Writes one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 20, HEAD = 4096 };

struct client {
  int fd, head_bytes;
  char head[HEAD + 1];
  long at, left;
};

static const char *expected, *path;
static long file_bytes, range_bytes, next_range, asked_end;
static unsigned long total, wrong, failed;
static int running;
static char room[ROOM];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void stop(struct client *c) {
  close(c->fd);
  c->fd = -1;
  running--;
}

/* Asks for the next range, or stops when all have been asked for. */
static void ask(struct client *c) {
  char text[512];
  long first = 0, last = file_bytes - 1;
  if (range_bytes > 0) {
    if (next_range >= asked_end) return stop(c);
    first = next_range % (file_bytes / range_bytes * range_bytes);
    last = first + range_bytes - 1;
    next_range += range_bytes;
  } else if (c->at >= 0) return stop(c);
  c->at = first, c->left = last - first + 1, c->head_bytes = 0;
  int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: bench\r\nRange: bytes=%ld-%ld\r\n\r\n", path, first, last);
  if (send(c->fd, text, n, MSG_NOSIGNAL) != n) failed++, stop(c);
}

static void compare(struct client *c, const char *bytes, long count) {
  if (count > c->left || memcmp(bytes, expected + c->at, count) != 0) wrong++;
  c->at += count, c->left -= count, total += count;
  if (c->left <= 0) ask(c);
}

/* Reads the head of an answer; what follows it is the body's beginning. */
static void read_head(struct client *c) {
  ssize_t n = recv(c->fd, c->head + c->head_bytes, HEAD - c->head_bytes, MSG_DONTWAIT);
  if (n <= 0) {
    if (n < 0 && errno == EAGAIN) return;
    failed++;
    return stop(c);
  }
  c->head_bytes += n;
  c->head[c->head_bytes] = 0;
  char *end = strstr(c->head, "\r\n\r\n");
  if (end == NULL) {
    if (c->head_bytes == HEAD) failed++, stop(c);
    return;
  }
  char *length = strcasestr(c->head, "content-length:");
  if (strncmp(c->head, "HTTP/1.1 206", 12) != 0 || length == NULL || atol(length + 15) != c->left) {
    fprintf(stderr, "%.200s\n", c->head);
    failed++;
    return stop(c);
  }
  long rest = c->head + c->head_bytes - (end + 4);
  c->head_bytes = -1;
  if (rest > 0) compare(c, end + 4, rest);
}

int main(int argc, char **argv) {
  if (argc != 8) return fputs("seven arguments\n", stderr), 2;
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  inet_pton(AF_INET, argv[1], &server.sin_addr);
  path = argv[3];
  int file = open(argv[4], O_RDONLY);
  struct stat facts;
  if (file < 0 || fstat(file, &facts) != 0) die(argv[4]);
  file_bytes = facts.st_size;
  expected = mmap(NULL, file_bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
  if (expected == MAP_FAILED) die("mmap");
  int clients = atoi(argv[5]);
  range_bytes = atol(argv[6]), asked_end = atol(argv[7]);
  int poll = epoll_create1(0);
  struct client *all = calloc(clients, sizeof *all);
  double began = now();
  running = clients;
  for (int i = 0; i < clients; i++) {
    struct client *c = &all[i];
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(c->fd, (struct sockaddr *)&server, sizeof server) != 0) die("connect");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poll, EPOLL_CTL_ADD, c->fd, &event);
    c->at = -1;
    ask(c);
  }
  while (running > 0) {
    struct epoll_event events[64];
    int count = epoll_wait(poll, events, 64, 20000);
    if (count == 0) return fputs("nothing for 20 s\n", stderr), 1;
    for (int i = 0; i < count; i++) {
      struct client *c = events[i].data.ptr;
      if (c->fd < 0) continue;
      if (c->head_bytes >= 0) {
        read_head(c);
        continue;
      }
      ssize_t n = recv(c->fd, room, ROOM, MSG_DONTWAIT);
      if (n > 0) compare(c, room, n);
      else if (n == 0 || errno != EAGAIN) failed++, stop(c);
    }
  }
  printf("{\"seconds\":%.6f,\"bytes\":%lu,\"wrong\":%lu,\"failed\":%lu}\n", now() - began, total, wrong, failed);
  return 0;
}
