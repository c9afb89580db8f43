/*
 * TFTP clients for `npm run bench -- tftp`: fetch one file, many at once, and compare every byte with what it is
 * to be. One thread on epoll, so that it costs as little as can be. Loss and reordering are made here, by a
 * generator with a seed: what is dropped was received by the kernel, which the server cannot tell from a network.
 *
 * tftp-load ADDRESS PORT NAME FILE BLKSIZE WINDOWSIZE CLIENTS TRANSFERS LOSS_PERMILLE TIMEOUT_MS
 * Writes one line of JSON; TRANSFERS is how many each client fetches, one after the other.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, PACKET = 9216, PATIENCE = 30 };

struct client {
  int fd, connected, in_window, gap_told, left, tries;
  uint64_t next, sent_at;    /* block that is wanted; when something was last sent or received, ns */
  uint64_t began;
  size_t at;                 /* bytes received */
  uint8_t last[600];
  int last_bytes;
  uint8_t held[PACKET];
  int held_bytes;
};

static const uint8_t *expected;
static size_t expected_bytes;
static int block_size, window_size, loss, options;
static const char *name;
static struct sockaddr_in server;
static uint64_t timeout_ns, seed = 88172645463325252ull;
static uint64_t total_bytes, wrong, failed, finished, repeats, longest_gap, longest_transfer;
static int running, epoll_fd;
static uint8_t buffers[BATCH][PACKET];
static struct mmsghdr messages[BATCH];
static struct iovec vectors[BATCH];
static struct sockaddr_in senders[BATCH];

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int chance(int permille) {
  if (permille == 0) return 0;
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  return (int)(seed % 1000) < permille;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void transmit(struct client *c) {
  if (!chance(loss)) {
    if (c->connected) send(c->fd, c->last, c->last_bytes, 0);
    else sendto(c->fd, c->last, c->last_bytes, 0, (struct sockaddr *)&server, sizeof server);
  }
}

static void acknowledge(struct client *c) {
  uint16_t block = (uint16_t)(c->next - 1);
  c->last[0] = 0, c->last[1] = 4, c->last[2] = block >> 8, c->last[3] = (uint8_t)block;
  c->last_bytes = 4;
  c->in_window = 0;
  transmit(c);
}

static void begin(struct client *c) {
  if (c->fd >= 0) close(c->fd);
  c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  if (c->fd < 0) die("socket");
  int room = 4 << 20;
  if (setsockopt(c->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
    setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event) != 0) die("epoll_ctl");
  c->connected = c->in_window = c->gap_told = c->tries = c->held_bytes = 0;
  c->next = 1, c->at = 0;
  c->sent_at = c->began = now();
  char *to = (char *)c->last;
  int n = 2 + sprintf(to + 2, "%s", name) + 1;
  to[0] = 0, to[1] = 1;
  n += sprintf(to + n, "octet") + 1;
  if (options) n += sprintf(to + n, "blksize") + 1, n += sprintf(to + n, "%d", block_size) + 1;
  if (window_size > 1) n += sprintf(to + n, "windowsize") + 1, n += sprintf(to + n, "%d", window_size) + 1;
  c->last_bytes = n;
  transmit(c);
}

static void end(struct client *c, int good) {
  uint64_t took = now() - c->began;
  if (took > longest_transfer) longest_transfer = took;
  if (good) finished++;
  else failed++;
  if (--c->left > 0) return begin(c);
  close(c->fd);
  c->fd = -1;
  running--;
}

static void take(struct client *c, const uint8_t *packet, int bytes) {
  if (bytes < 4) return;
  if (packet[1] == 5) {
    if (failed < 3) fprintf(stderr, "ERROR %d: %.*s\n", packet[3], bytes - 4, packet + 4);
    return end(c, 0);
  }
  if (packet[1] == 6) {
    if (c->next == 1 && c->at == 0) acknowledge(c);
    return;
  }
  if (packet[1] != 3) return;
  uint16_t block = packet[2] << 8 | packet[3];
  int16_t ahead = (int16_t)(block - (uint16_t)c->next);
  if (ahead > 0) {
    if (!c->gap_told) c->gap_told = 1, acknowledge(c);
    return;
  }
  if (ahead < 0) {
    repeats++;
    if (ahead == -1) acknowledge(c);
    return;
  }
  int length = bytes - 4;
  if (c->at + length > expected_bytes || memcmp(packet + 4, expected + c->at, length) != 0) wrong++;
  c->at += length;
  total_bytes += length;
  c->next++, c->in_window++;
  c->gap_told = 0, c->tries = 0;
  if (length < block_size) {
    if (c->at != expected_bytes) wrong++;
    acknowledge(c);
    return end(c, 1);
  }
  if (c->in_window == window_size) acknowledge(c);
}

static void receive(struct client *c) {
  int wanted = window_size == 1 ? 2 : BATCH;
  int fd = c->fd;
  int count = recvmmsg(fd, messages, wanted, MSG_DONTWAIT, NULL);
  if (count <= 0) return;
  uint64_t at = now();
  if (at - c->sent_at > longest_gap) longest_gap = at - c->sent_at;
  c->sent_at = at;
  for (int i = 0; i < count; i++) {
    if (c->fd != fd) return; /* that transfer is over */
    if (chance(loss)) continue;
    if (!c->connected) {
      if (connect(c->fd, (struct sockaddr *)&senders[i], sizeof server) != 0) die("connect");
      c->connected = 1;
    } else if (c->held_bytes == 0 && chance(loss)) {
      memcpy(c->held, buffers[i], messages[i].msg_len);
      c->held_bytes = messages[i].msg_len;
      continue;
    }
    take(c, buffers[i], messages[i].msg_len);
    if (c->held_bytes > 0 && c->fd == fd) {
      int bytes = c->held_bytes;
      c->held_bytes = 0;
      take(c, c->held, bytes);
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 11) return fputs("ten arguments\n", stderr), 2;
  server.sin_family = AF_INET;
  server.sin_port = htons(atoi(argv[2]));
  if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) return fputs("address\n", stderr), 2;
  name = argv[3];
  int file = open(argv[4], O_RDONLY);
  struct stat facts;
  if (file < 0 || fstat(file, &facts) != 0) die(argv[4]);
  expected_bytes = facts.st_size;
  expected = mmap(NULL, expected_bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
  block_size = atoi(argv[5]), window_size = atoi(argv[6]);
  options = block_size != 512;
  int clients = atoi(argv[7]), transfers = atoi(argv[8]);
  loss = atoi(argv[9]);
  timeout_ns = atoi(argv[10]) * 1000000ull;
  struct rlimit files = {16384, 16384};
  setrlimit(RLIMIT_NOFILE, &files);
  for (int i = 0; i < BATCH; i++) {
    vectors[i] = (struct iovec){buffers[i], PACKET};
    messages[i].msg_hdr = (struct msghdr){.msg_name = &senders[i], .msg_namelen = sizeof server,
                                          .msg_iov = &vectors[i], .msg_iovlen = 1};
  }
  epoll_fd = epoll_create1(0);
  struct client *all = calloc(clients, sizeof *all);
  uint64_t began = now();
  running = clients;
  for (int i = 0; i < clients; i++) all[i].fd = -1, all[i].left = transfers, begin(&all[i]);
  uint64_t looked = began;
  while (running > 0) {
    struct epoll_event events[256];
    int count = epoll_wait(epoll_fd, events, 256, 20);
    for (int i = 0; i < count; i++) receive(events[i].data.ptr);
    uint64_t at = now();
    if (at - looked < 20000000) continue;
    looked = at;
    for (int i = 0; i < clients; i++) {
      struct client *c = &all[i];
      if (c->fd < 0 || at - c->sent_at < timeout_ns) continue;
      if (at - c->sent_at > longest_gap) longest_gap = at - c->sent_at;
      c->sent_at = at;
      c->gap_told = 0;
      if (++c->tries > PATIENCE) end(c, 0);
      else transmit(c);
    }
  }
  printf("{\"seconds\":%.6f,\"bytes\":%llu,\"wrong\":%llu,\"failed\":%llu,\"finished\":%llu,\"repeats\":%llu,"
         "\"longestGapMs\":%.1f,\"longestTransferMs\":%.1f}\n",
         (now() - began) / 1e9, (unsigned long long)total_bytes, (unsigned long long)wrong,
         (unsigned long long)failed, (unsigned long long)finished, (unsigned long long)repeats,
         longest_gap / 1e6, longest_transfer / 1e6);
  return 0;
}
