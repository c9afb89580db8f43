/*
 * Runs a command that loads a DHCP server, and judges every answer that comes in meanwhile, for `npm run bench --
 * dhcp`. Frames go into a ring of the kernel (packet(7)) and are read when the command has ended, so that the judge
 * takes no time from whom it judges.
 *
 * dhcp-judge INTERFACE SERVER offer FILE -- COMMAND...         answers of a proxyDHCP server: FILE is what they name
 * dhcp-judge INTERFACE SERVER lease FIRST LAST -- COMMAND...   answers of a DHCP server with a pool
 *
 * Writes the command's output, then one line of JSON. `asked` counts what was sent, `right` answers that were right,
 * `twice` answers to what was answered already, `wrong` all others, `lost` frames that the ring had no room for.
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
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK = 1 << 20, BLOCKS = 320, SLOTS = 1 << 22, FIXED = 236 };
enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5 };

/* What was asked, by its transaction id. */
struct asked {
  uint8_t used, type, answered;
  uint32_t xid, address, giaddr;
  uint64_t mac;
};
static struct asked *table;
static uint64_t *owners; /* MAC address that an address of the pool was given to */
static uint32_t server, first, last;
static const char *file;
static unsigned long long offers_right, acks_right, discovers, requests, wrong, twice, told;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static uint32_t u32(const uint8_t *p) { return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3]; }

static uint64_t mac_of(const uint8_t *p) {
  uint64_t mac = 0;
  for (int i = 0; i < 6; i++) mac = mac << 8 | p[i];
  return mac;
}

static struct asked *slot(uint32_t xid, int type) {
  uint32_t at = (xid * 2654435761u ^ type * 40503u) % SLOTS;
  for (int tries = 0; tries < SLOTS; tries++, at = (at + 1) % SLOTS)
    if (!table[at].used || (table[at].xid == xid && table[at].type == type)) return &table[at];
  fputs("too many transactions\n", stderr);
  exit(1);
}

/* An option's value, of its length; NULL where there is none, or the options are not well formed. */
static const uint8_t *option(const uint8_t *p, int bytes, int code, int *length) {
  for (int at = FIXED + 4; at < bytes && p[at] != 255;) {
    if (p[at] == 0) {
      at++;
      continue;
    }
    if (at + 2 > bytes || at + 2 + p[at + 1] > bytes) return NULL;
    if (p[at] == code) return *length = p[at + 1], p + at + 2;
    at += 2 + p[at + 1];
  }
  return NULL;
}

static void refuse(const char *why, uint32_t xid) {
  wrong++;
  if (told++ < 5) fprintf(stderr, "judge: %s (transaction %08x)\n", why, xid);
}

static void sent(const uint8_t *p, int bytes) {
  int length;
  const uint8_t *type = option(p, bytes, 53, &length);
  if (p[0] != 1 || type == NULL || (*type != DISCOVER && *type != REQUEST)) return;
  struct asked *a = slot(u32(p + 4), *type);
  const uint8_t *wished = option(p, bytes, 50, &length);
  *a = (struct asked){.used = 1, .type = *type, .xid = u32(p + 4), .mac = mac_of(p + 28), .giaddr = u32(p + 24),
                      .address = wished == NULL ? 0 : u32(wished)};
  if (*type == DISCOVER) discovers++;
  else requests++;
}

static void received(const uint8_t *p, int bytes) {
  int length;
  uint32_t xid = u32(p + 4), yiaddr = u32(p + 16);
  const uint8_t *type = option(p, bytes, 53, &length);
  if (p[0] == 1) return; /* it asks for other servers itself */
  if (p[0] != 2 || u32(p + FIXED) != 0x63825363 || type == NULL || length != 1) return refuse("not an answer", xid);
  if (*type != OFFER && *type != ACK) return refuse("neither OFFER nor ACK", xid);
  struct asked *a = slot(xid, *type == OFFER ? DISCOVER : REQUEST);
  if (!a->used) return refuse("nobody asked that", xid);
  if (a->answered++) {
    twice++;
    return;
  }
  if (mac_of(p + 28) != a->mac || u32(p + 24) != a->giaddr) return refuse("for another client", xid);
  const uint8_t *from = option(p, bytes, 54, &length);
  if (from == NULL || u32(from) != server) return refuse("from another server", xid);
  if (file != NULL) {
    const uint8_t *class = option(p, bytes, 60, &length);
    if (class == NULL || length < 9 || memcmp(class, "PXEClient", 9) != 0) return refuse("no PXEClient", xid);
    if (yiaddr != 0) return refuse("an address", xid);
    if (u32(p + 20) != server) return refuse("siaddr", xid);
    if (strncmp((const char *)p + 108, file, 128) != 0) return refuse("another file", xid);
  } else {
    if (yiaddr < first || yiaddr > last) return refuse("not of the pool", xid);
    if (*type == ACK) {
      if (yiaddr != a->address) return refuse("not what was asked for", xid);
      uint64_t *owner = &owners[yiaddr - first];
      if (*owner != 0 && *owner != a->mac) return refuse("another client has that address", xid);
      *owner = a->mac;
    }
  }
  if (*type == OFFER) offers_right++;
  else acks_right++;
}

static void judge(const uint8_t *frame, int bytes, int outgoing) {
  const uint8_t *ip = frame + 14;
  if (bytes < 14 + 20 + 8 || frame[12] != 8 || frame[13] != 0 || ip[9] != 17) return;
  const uint8_t *udp = ip + (ip[0] & 15) * 4;
  const uint8_t *p = udp + 8;
  int left = frame + bytes - p;
  if (left < FIXED + 4) return;
  if (outgoing && udp[2] == 0 && udp[3] == 67 && u32(ip + 16) == server) sent(p, left);
  if (!outgoing && udp[0] == 0 && udp[1] == 67 && u32(ip + 12) == server) received(p, left);
}

int main(int argc, char **argv) {
  int lease = argc > 3 && strcmp(argv[3], "lease") == 0, command = lease ? 7 : 6;
  if (argc <= command || strcmp(argv[command - 1], "--") != 0) return fputs("see the head of the source\n", stderr), 2;
  server = ntohl(inet_addr(argv[2]));
  if (lease) {
    first = ntohl(inet_addr(argv[4])), last = ntohl(inet_addr(argv[5]));
    owners = calloc(last - first + 1, sizeof *owners);
  } else file = argv[4];
  table = calloc(SLOTS, sizeof *table);
  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  int version = TPACKET_V3;
  struct tpacket_req3 ring = {.tp_block_size = BLOCK, .tp_block_nr = BLOCKS, .tp_frame_size = 2048,
                              .tp_frame_nr = BLOCK / 2048 * BLOCKS, .tp_retire_blk_tov = 100};
  if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0) die("packet socket");
  if (setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring) != 0) die("ring");
  uint8_t *blocks = mmap(NULL, (size_t)BLOCK * BLOCKS, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (blocks == MAP_FAILED) die("mmap");
  struct sockaddr_ll on = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
                           .sll_ifindex = if_nametoindex(argv[1])};
  if (bind(fd, (struct sockaddr *)&on, sizeof on) != 0) die(argv[1]);

  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    execvp(argv[command], argv + command);
    die(argv[command]);
  }
  int status = 0;
  waitpid(child, &status, 0);
  usleep(300000); /* the last block is handed over when it is this old */
  for (int block = 0; block < BLOCKS; block++) {
    struct tpacket_block_desc *b = (void *)(blocks + (size_t)block * BLOCK);
    if (!(b->hdr.bh1.block_status & TP_STATUS_USER)) continue;
    struct tpacket3_hdr *h = (void *)((uint8_t *)b + b->hdr.bh1.offset_to_first_pkt);
    for (uint32_t i = 0; i < b->hdr.bh1.num_pkts; i++) {
      const struct sockaddr_ll *from = (void *)((uint8_t *)h + TPACKET_ALIGN(sizeof *h));
      judge((uint8_t *)h + h->tp_mac, h->tp_snaplen, from->sll_pkttype == PACKET_OUTGOING);
      h = (void *)((uint8_t *)h + h->tp_next_offset);
    }
  }
  struct tpacket_stats_v3 stats = {0};
  socklen_t size = sizeof stats;
  getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size);
  printf("\n{\"status\":%d,\"discovers\":%llu,\"requests\":%llu,\"offers\":%llu,\"acks\":%llu,\"twice\":%llu,"
         "\"wrong\":%llu,\"lost\":%u}\n",
         WIFEXITED(status) ? WEXITSTATUS(status) : 255, discovers, requests, offers_right, acks_right, twice, wrong,
         stats.tp_drops);
  return 0;
}
