/*
 * Many machines that start from the network, for `npm run bench -- dhcp`: each with a MAC address, an SMBIOS UUID and
 * an IPv4 address of its own, in raw frames (packet(7)), spread evenly over some seconds. A machine asks by a
 * broadcast DISCOVER, and again after 4 s when it should have been answered and was not; PXE machines then ask on port
 * 4011 and are answered at their address, behind a router: a system knows no ten thousand neighbours.
 *
 * pxe-clients INTERFACE SERVER CLIENTS SECONDS FILE URL
 *
 * Of twenty machines 14 are UEFI x64 (FILE), 2 HTTP Boot (URL), 2 are 32-bit UEFI, for which there is nothing, and 2
 * do not boot from the network: those four kinds of ask once, and are to hear nothing. Writes one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FIXED = 236, FRAME = 2048, HEADERS = 14 + 20 + 8, PATIENCE = 3 };
enum kind { UEFI, HTTP, SILENT, PLAIN };

struct client {
  int asked, offers, acks, asked_4011, right;
  uint64_t sent_at;
};
static struct client *clients;
static int count, fd;
static uint32_t server, base; /* address of the first machine */
static uint8_t server_mac[6];
static const char *file, *url;
static unsigned long long wrong, twice, unwanted, repeats, told;
static uint64_t longest;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}
static void die(const char *what) {
  perror(what);
  exit(1);
}
static uint32_t u32(const uint8_t *p) { return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3]; }
static void put16(uint8_t *p, uint16_t v) { p[0] = v >> 8, p[1] = (uint8_t)v; }
static void put32(uint8_t *p, uint32_t v) { put16(p, v >> 16), put16(p + 2, (uint16_t)v); }

static enum kind kind_of(int i) {
  int of = i % 20;
  return of < 14 ? UEFI : of < 16 ? HTTP : of < 18 ? SILENT : PLAIN;
}
static void mac_of(int i, uint8_t *mac) {
  static const uint8_t maker[2] = {0x52, 0x54};
  memcpy(mac, maker, 2);
  put32(mac + 2, i);
}
static int client_of(const uint8_t *mac) {
  uint32_t i = u32(mac + 2);
  return mac[0] == 0x52 && mac[1] == 0x54 && i < (uint32_t)count ? (int)i : -1;
}

static void checksum(uint8_t *ip) {
  uint32_t sum = 0;
  for (int i = 0; i < 20; i += 2) sum += ip[i] << 8 | ip[i + 1];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  put16(ip + 10, ~sum);
}

static int add(uint8_t *p, int at, int code, int length, const void *value) {
  p[at] = code, p[at + 1] = length;
  memcpy(p + at + 2, value, length);
  return at + 2 + length;
}

/* A DISCOVER by broadcast, or a REQUEST to port 4011 from the machine's address. */
static void ask(int i, int to_4011) {
  struct client *c = &clients[i];
  enum kind kind = kind_of(i);
  uint8_t frame[FRAME] = {0}, *ip = frame + 14, *udp = ip + 20, *p = udp + 8;
  memset(frame, 255, 6);
  if (to_4011) memcpy(frame, server_mac, 6);
  mac_of(i, frame + 6);
  frame[12] = 8;
  p[0] = p[1] = 1, p[2] = 6;
  put32(p + 4, to_4011 ? i | 0x40000000 : i);
  put16(p + 8, to_4011 ? 0 : 4 * c->asked);
  if (to_4011) put32(p + 12, base + i);
  else p[10] = 0x80;
  mac_of(i, p + 28);
  put32(p + FIXED, 0x63825363);
  int at = FIXED + 4;
  at = add(p, at, 53, 1, to_4011 ? "\3" : "\1");
  at = add(p, at, 57, 2, "\5\300");
  at = add(p, at, 55, 10, "\1\3\6\14\17\53\66\74\102\103");
  if (kind != PLAIN) {
    const char *class = kind == HTTP     ? "HTTPClient:Arch:00016:UNDI:003016"
                        : kind == SILENT ? "PXEClient:Arch:00006:UNDI:003016"
                                         : "PXEClient:Arch:00007:UNDI:003016";
    uint8_t guid[17] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    put32(guid + 13, i);
    at = add(p, at, 60, strlen(class), class);
    at = add(p, at, 93, 2, kind == HTTP ? "\0\20" : kind == SILENT ? "\0\6" : "\0\7");
    at = add(p, at, 94, 3, "\1\3\20");
    at = add(p, at, 97, 17, guid);
  }
  p[at++] = 255;
  put16(udp, 68), put16(udp + 2, to_4011 ? 4011 : 67), put16(udp + 4, at + 8);
  ip[0] = 0x45, ip[8] = 64, ip[9] = 17;
  put16(ip + 2, at + 28);
  put32(ip + 12, to_4011 ? base + i : 0);
  put32(ip + 16, to_4011 ? server : 0xffffffff);
  checksum(ip);
  if (send(fd, frame, at + HEADERS, 0) < 0) die("send");
  c->sent_at = now();
  if (to_4011) c->asked_4011++;
  else c->asked++;
  if (c->asked > 1 || c->asked_4011 > 1) repeats++;
}

static const uint8_t *option(const uint8_t *p, int bytes, int code, int *length) {
  for (int at = FIXED + 4; at + 1 < bytes && p[at] != 255;) {
    if (p[at] == 0) {
      at++;
      continue;
    }
    if (at + 2 + p[at + 1] > bytes) return NULL;
    if (p[at] == code) return *length = p[at + 1], p + at + 2;
    at += 2 + p[at + 1];
  }
  return NULL;
}
static int has(const uint8_t *p, int bytes, int code, const void *value, int wanted) {
  int length;
  const uint8_t *v = option(p, bytes, code, &length);
  return v != NULL && length >= wanted && memcmp(v, value, wanted) == 0;
}

static void answered(const uint8_t *ip, const uint8_t *p, int bytes) {
  int i = client_of(p + 28);
  if (p[0] != 2 || i < 0) return;
  struct client *c = &clients[i];
  enum kind kind = kind_of(i);
  int is_ack = has(p, bytes, 53, "\5", 1), is_offer = has(p, bytes, 53, "\2", 1);
  uint32_t to = u32(ip + 16);
  uint8_t id[4];
  put32(id, server);
  if (kind == SILENT || kind == PLAIN) {
    unwanted++;
    return;
  }
  uint64_t took = now() - c->sent_at;
  if (took > longest) longest = took;
  if (is_offer ? ++c->offers > c->asked : ++c->acks > c->asked_4011) {
    twice++;
    return;
  }
  int right = (is_offer || is_ack) && u32(p + 4) == (uint32_t)(is_ack ? i | 0x40000000 : i) && u32(p + 16) == 0 &&
              u32(p + 20) == server && has(p, bytes, 54, id, 4);
  uint8_t guid[17] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  put32(guid + 13, i);
  right = right && has(p, bytes, 97, guid, 17) && to == (is_ack ? base + i : 0xffffffff);
  if (kind == HTTP)
    right = right && is_offer && has(p, bytes, 60, "HTTPClient", 10) && has(p, bytes, 67, url, strlen(url));
  else right = right && has(p, bytes, 60, "PXEClient", 9) && strncmp((const char *)p + 108, file, 128) == 0;
  if (!right) {
    wrong++;
    if (told++ < 5) fprintf(stderr, "machine %d: %s, file %.100s\n", i, is_ack ? "ACK" : "OFFER", p + 108);
    return;
  }
  if (kind == UEFI && is_offer && c->asked_4011 == 0) ask(i, 1);
  else if (kind == HTTP || is_ack) c->right = 1;
}

static void receive(void) {
  for (;;) {
    uint8_t frame[FRAME];
    struct sockaddr_ll from;
    socklen_t size = sizeof from;
    int bytes = recvfrom(fd, frame, sizeof frame, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
    if (bytes < 0) return;
    if (from.sll_pkttype == PACKET_OUTGOING || bytes < 42) continue;
    uint8_t *ip = frame + 14, *udp = ip + 20;
    if (frame[12] != 8 || frame[13] != 0 || ip[0] != 0x45 || ip[9] != 17) continue;
    if (u32(ip + 12) != server || bytes < HEADERS + FIXED + 4) continue;
    memcpy(server_mac, frame + 6, 6);
    answered(ip, udp + 8, bytes - HEADERS);
  }
}

int main(int argc, char **argv) {
  if (argc != 7) return fputs("six arguments\n", stderr), 2;
  server = ntohl(inet_addr(argv[2]));
  base = (server & 0xff000000) | 0x00800001; /* 10.128.0.1 */
  count = atoi(argv[3]), file = argv[5], url = argv[6];
  clients = calloc(count, sizeof *clients);
  fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  struct sockaddr_ll on = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
                           .sll_ifindex = if_nametoindex(argv[1])};
  struct packet_mreq all = {.mr_ifindex = on.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
  int room = 16 << 20;
  if (fd < 0 || bind(fd, (struct sockaddr *)&on, sizeof on) != 0) die(argv[1]);
  if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) != 0) die("promiscuous");
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  uint64_t began = now(), spread = atoi(argv[4]) * 1000000000ull, last_look = 0;
  int begun = 0, open = 1;
  while (begun < count || open > 0) {
    uint64_t at = now();
    while (begun < count && began + spread * begun / count <= at) ask(begun++, 0);
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    poll(&ready, 1, 1);
    receive();
    if (at - last_look < 100000000 && begun < count) continue;
    last_look = at;
    open = 0;
    for (int i = 0; i < begun; i++) {
      struct client *c = &clients[i];
      enum kind kind = kind_of(i);
      int waits = at < c->sent_at ? 1 : at - c->sent_at < 4000000000ull;
      if (kind == SILENT || kind == PLAIN || c->right) {
        open += waits; /* for an answer that should not come */
        continue;
      }
      if (!waits && (c->offers == 0 || kind == HTTP ? c->asked : c->asked_4011) < PATIENCE)
        ask(i, c->offers > 0 && kind == UEFI), waits = 1;
      open += waits;
    }
  }
  int right = 0, wanted = 0;
  for (int i = 0; i < count; i++) {
    enum kind kind = kind_of(i);
    wanted += kind == UEFI || kind == HTTP;
    right += clients[i].right;
  }
  printf("{\"clients\":%d,\"wanted\":%d,\"right\":%d,\"wrong\":%llu,\"twice\":%llu,\"unwanted\":%llu,"
         "\"repeats\":%llu,\"longestMs\":%.1f}\n",
         count, wanted, right, wrong, twice, unwanted, repeats, longest / 1e6);
  return 0;
}
