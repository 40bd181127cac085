/* A QEMU plug-in that counts the instructions a program executes: at each mark, one line "MARK COUNT" into the file out=.

   A mark is the system call number 7777, which no kernel has: outside the emulator it fails and does no harm.
   The few declarations that are needed stand here because Debian ships QEMU without its header; they are those of the
   plug-in interface 1 (QEMU 6 to 8, https://www.qemu.org/docs/master/devel/tcg-plugins.html).
   All threads add to one number without a lock: what is counted has one thread that works. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define VISIBLE __attribute__((visibility("default")))
#define MARK 7777
#define ADD 0

struct block;
struct machine;
typedef void (*translated)(uint64_t plugin, struct block *block);
typedef void (*called)(uint64_t plugin, unsigned int cpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3,
                       uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t plugin, translated callback);
void qemu_plugin_register_vcpu_tb_exec_inline(struct block *block, int operation, void *number, uint64_t by);
void qemu_plugin_register_vcpu_syscall_cb(uint64_t plugin, called callback);
size_t qemu_plugin_tb_n_insns(const struct block *block);

VISIBLE int qemu_plugin_version = 1;

static uint64_t executed;
static FILE *out;

static void count(uint64_t plugin, struct block *block)
{
    (void)plugin;
    qemu_plugin_register_vcpu_tb_exec_inline(block, ADD, &executed, qemu_plugin_tb_n_insns(block));
}

static void mark(uint64_t plugin, unsigned int cpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3,
                 uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8)
{
    (void)plugin, (void)cpu, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
    if (number == MARK) {
        fprintf(out, "%" PRIu64 " %" PRIu64 "\n", a1, executed);
        fflush(out);
    }
}

VISIBLE int qemu_plugin_install(uint64_t plugin, const struct machine *machine, int argc, char **argv)
{
    (void)machine;
    if (argc != 1 || strncmp(argv[0], "out=", 4) != 0 || (out = fopen(argv[0] + 4, "w")) == NULL) {
        fprintf(stderr, "instruction_counter: give a file that can be written, out=FILE\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(plugin, count);
    qemu_plugin_register_vcpu_syscall_cb(plugin, mark);
    return 0;
}
