// The calls with which a process gives rights up.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int clinux_set_groups(const gid_t *groups, size_t count) { return setgroups(count, groups); }

int clinux_get_groups(gid_t *groups, size_t capacity) { return getgroups((int)capacity, groups); }

int clinux_set_group_ids(gid_t real, gid_t effective, gid_t saved) { return setresgid(real, effective, saved); }

int clinux_set_user_ids(uid_t real, uid_t effective, uid_t saved) { return setresuid(real, effective, saved); }

int clinux_get_user_ids(uid_t ids[3]) { return getresuid(&ids[0], &ids[1], &ids[2]); }

int clinux_get_group_ids(gid_t ids[3]) { return getresgid(&ids[0], &ids[1], &ids[2]); }

// Room for an entry of the user database: members of a group, a home, a shell.
enum { entry_bytes = 1 << 20 };

int clinux_find_user(const char *name, uid_t *user, gid_t *group, char *name_found, size_t capacity) {
    char *text = malloc(entry_bytes);
    if (text == NULL) return -1;
    struct passwd entry, *found = NULL;
    int code = name != NULL ? getpwnam_r(name, &entry, text, entry_bytes, &found)
                            : getpwuid_r(*user, &entry, text, entry_bytes, &found);
    if (found != NULL) {
        *user = entry.pw_uid;
        *group = entry.pw_gid;
        strncpy(name_found, entry.pw_name, capacity - 1);
        name_found[capacity - 1] = 0;
    }
    free(text);
    // POSIX lets a library answer "no such entry" by one of these.
    if (found == NULL && code != 0 && code != ENOENT && code != ESRCH && code != EBADF && code != EPERM) {
        errno = code;
        return -1;
    }
    return found != NULL;
}

int clinux_find_group(const char *name, gid_t *group) {
    char *text = malloc(entry_bytes);
    if (text == NULL) return -1;
    struct group entry, *found = NULL;
    int code = getgrnam_r(name, &entry, text, entry_bytes, &found);
    if (found != NULL) *group = entry.gr_gid;
    free(text);
    if (found == NULL && code != 0 && code != ENOENT && code != ESRCH && code != EBADF && code != EPERM) {
        errno = code;
        return -1;
    }
    return found != NULL;
}

int clinux_group_list(const char *user, gid_t group, gid_t *groups, int capacity) {
    int count = capacity;
    if (getgrouplist(user, group, groups, &count) >= 0) return count;
    errno = E2BIG;
    return -1;
}

int clinux_change_root(const char *directory) {
    if (chroot(directory) < 0) return -1;
    return chdir("/");
}

int clinux_set_limit(int resource, uint64_t soft, uint64_t hard) {
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    return setrlimit(resource, &limit);
}

int clinux_get_limit(int resource, uint64_t *soft, uint64_t *hard) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) < 0) return -1;
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return 0;
}

int clinux_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0); }

int clinux_set_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

int clinux_drop_bounding_set(void) {
    int capability = 0;
    while (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) capability++;
    // Behind the last one that this kernel knows.
    if (errno != EINVAL) return -1;
    return 0;
}

int clinux_clear_capabilities(void) {
    // EINVAL before Linux 4.3: there are no ambient capabilities then.
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL) return -1;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{0}};
    return (int)syscall(SYS_capset, &header, sets);
}

// linux/landlock.h, spelled out: older kernel headers do not carry the later fields. The numbers of the calls are the
// same on every architecture that is built for.
struct clinux_landlock_ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scoped;
};

struct clinux_landlock_path {
    uint64_t access;
    int32_t path;
} __attribute__((packed));

int clinux_landlock_version(void) { return (int)syscall(444, NULL, 0, 1u); }

int clinux_landlock_create(uint64_t files, uint64_t network, uint64_t scoped) {
    struct clinux_landlock_ruleset ruleset = {.files = files, .network = network, .scoped = scoped};
    // A kernel takes a longer structure than its own as long as what it does not know is zero.
    return (int)syscall(444, &ruleset, sizeof ruleset, 0u);
}

int clinux_landlock_allow(int ruleset, uint64_t access, int path) {
    struct clinux_landlock_path rule = {.access = access, .path = path};
    return (int)syscall(445, ruleset, 1, &rule, 0u);
}

int clinux_landlock_restrict(int ruleset) { return (int)syscall(446, ruleset, 0u); }
