// Children that die before their first instruction: loaded before the C library, it ends each that is forked while a
// file is there.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

pid_t fork(void) {
    pid_t (*real_fork)(void) = (pid_t (*)(void))dlsym(RTLD_NEXT, "fork");
    const char *path = getenv("DYING_FORKS");
    pid_t process = real_fork();
    if (process == 0 && path && access(path, F_OK) == 0) _exit(1);
    return process;
}
