/* The glasses as a program: on a TCP port or a pty, commands on standard input. Ends when standard input ends.
 *
 *   glasses-native [--tcp PORT | --pty] [--flash FILE] [--cut BYTES] [--mtu BYTES] [--seed NUMBER]
 *
 * --cut lets the power fail after so many bytes of flash were changed: the program then ends with status 9, as dead as a
 * board without power; the file has what the flash had. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "device.h"

enum { WITHOUT_POWER = 9 };

typedef struct {
    long port;
    bool is_pty;
    const char *flash;
    uint32_t cut;
    uint16_t mtu;
    uint32_t seed;
} options;

typedef struct {
    int listener, link; /* -1: none */
    bool is_pty;
    uint8_t out[512];
    size_t out_bytes, out_at;
} medium;

static uint32_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint32_t)((uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u);
}

static void give_up(const char *what) {
    fprintf(stderr, "glasses-native: %s: %s\n", what, strerror(errno));
    exit(1);
}

static options parse(int count, char **words) {
    options o = {.port = 0, .cut = UINT32_MAX, .mtu = 512, .seed = (uint32_t)time(NULL) ^ (uint32_t)getpid() << 16};
    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? words[i + 1] : NULL;
        if (!strcmp(words[i], "--pty")) {
            o.is_pty = true;
            continue;
        }
        if (!value) break;
        if (!strcmp(words[i], "--tcp")) o.port = strtol(value, NULL, 10);
        else if (!strcmp(words[i], "--flash")) o.flash = value;
        else if (!strcmp(words[i], "--cut")) o.cut = (uint32_t)strtoul(value, NULL, 10);
        else if (!strcmp(words[i], "--mtu")) o.mtu = (uint16_t)strtoul(value, NULL, 10);
        else if (!strcmp(words[i], "--seed")) o.seed = (uint32_t)strtoul(value, NULL, 10);
        else break;
        i++;
        if (i + 1 == count) return o;
    }
    if (count == 1 || o.is_pty) return o;
    fprintf(stderr, "usage: glasses-native [--tcp PORT | --pty] [--flash FILE] [--cut BYTES] [--mtu BYTES] [--seed NUMBER]\n");
    exit(2);
}

static void open_medium(medium *m, const options *o) {
    memset(m, 0, sizeof *m);
    m->listener = m->link = -1;
    m->is_pty = o->is_pty;
    if (o->is_pty) {
        m->link = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
        if (m->link < 0 || grantpt(m->link) || unlockpt(m->link)) give_up("no pty");
        struct termios raw;
        int other = open(ptsname(m->link), O_RDWR | O_NOCTTY); /* kept open, so that a host can come and go */
        if (other < 0 || tcgetattr(other, &raw)) give_up("no pty");
        cfmakeraw(&raw);
        tcsetattr(other, TCSANOW, &raw);
        printf("listening on %s\n", ptsname(m->link));
    } else {
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)o->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t size = sizeof at;
        int yes = 1;
        m->listener = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(m->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (m->listener < 0 || bind(m->listener, (struct sockaddr *)&at, sizeof at) || listen(m->listener, 1)) give_up("cannot listen on the port");
        getsockname(m->listener, (struct sockaddr *)&at, &size);
        printf("listening on 127.0.0.1:%u\n", ntohs(at.sin_port));
    }
    fflush(stdout);
}

static void hang_up(medium *m) {
    if (m->is_pty || m->link < 0) return;
    close(m->link);
    m->link = -1;
    m->out_bytes = 0;
    device_closed(now_us());
}

static void answer(medium *m, uint16_t mtu) {
    int yes = 1, link = accept(m->listener, NULL, NULL);
    if (link < 0) return;
    hang_up(m); /* the newest host wins: the older one may be half dead */
    fcntl(link, F_SETFL, O_NONBLOCK);
    setsockopt(link, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    m->link = link;
    device_opened(mtu);
}

static void take(medium *m) {
    uint8_t data[4096];
    ssize_t bytes = read(m->link, data, sizeof data);
    if (bytes > 0) device_feed(data, (size_t)bytes, now_us());
    else if (bytes == 0 || (errno != EAGAIN && errno != EINTR)) hang_up(m);
}

static void give(medium *m) {
    while (m->link >= 0) {
        if (m->out_at == m->out_bytes) {
            m->out_at = 0;
            m->out_bytes = device_frame(now_us(), m->out);
            if (!m->out_bytes) return;
        }
        ssize_t bytes = write(m->link, m->out + m->out_at, m->out_bytes - m->out_at);
        if (bytes > 0) m->out_at += (size_t)bytes;
        else if (errno == EAGAIN || errno == EINTR) return;
        else hang_up(m);
    }
}

static bool obey(void) {
    static char line[128];
    static size_t at;
    char byte;
    ssize_t bytes = read(STDIN_FILENO, &byte, 1);
    if (bytes <= 0) return false;
    if (byte != '\n') {
        if (at < sizeof line - 1) line[at++] = byte;
        return true;
    }
    line[at] = 0;
    at = 0;
    if (!device_command(line, now_us())) fprintf(stderr, "glasses-native: unknown command: %s\n", line);
    return true;
}

static void load_flash(const char *file) {
    device_factory();
    FILE *f = file ? fopen(file, "rb") : NULL;
    if (!f) return;
    size_t bytes = fread(device_flash(), 1, DEVICE_FLASH_BYTES, f);
    fclose(f);
    if (bytes != DEVICE_FLASH_BYTES) {
        fprintf(stderr, "glasses-native: %s has %zu bytes, a flash of this board has %d: remove the file\n", file, bytes, DEVICE_FLASH_BYTES);
        exit(1);
    }
}

static void save_flash(const char *file) {
    FILE *f = file ? fopen(file, "wb") : NULL;
    if (file && (!f || fwrite(device_flash(), 1, DEVICE_FLASH_BYTES, f) != DEVICE_FLASH_BYTES)) give_up(file);
    if (f) fclose(f);
}

int main(int count, char **words) {
    options o = parse(count, words);
    medium m;
    signal(SIGPIPE, SIG_IGN);
    load_flash(o.flash);
    device_boot(o.seed, o.mtu, now_us());
    device_cut_after(o.cut);
    open_medium(&m, &o);
    bool is_running = true;
    while (is_running && !device_is_cut()) {
        struct pollfd waits[3] = {{STDIN_FILENO, POLLIN, 0}, {m.listener, POLLIN, 0}, {m.link, POLLIN, 0}};
        if (m.out_at < m.out_bytes) waits[2].events |= POLLOUT;
        poll(waits, 3, 1);
        if (waits[0].revents) is_running = obey();
        if (waits[1].revents) answer(&m, o.mtu);
        else if (waits[2].revents & (POLLIN | POLLERR | POLLHUP)) take(&m);
        device_poll(now_us());
        give(&m);
        if (device_wants_boot()) device_boot(++o.seed, o.mtu, now_us());
    }
    save_flash(o.flash);
    return device_is_cut() ? WITHOUT_POWER : 0;
}
