// The Linux calls with which a process gives rights up: identity, limits, capabilities, Landlock, seccomp.
// Each returns what its system call returns: -1 and errno on failure.
#ifndef CLINUX_CONFINEMENT_H
#define CLINUX_CONFINEMENT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

int clinux_set_groups(const gid_t *groups, size_t count);                         // setgroups(2)
int clinux_get_groups(gid_t *groups, size_t capacity);                            // getgroups(2)
int clinux_set_group_ids(gid_t real, gid_t effective, gid_t saved);               // setresgid(2)
int clinux_set_user_ids(uid_t real, uid_t effective, uid_t saved);                // setresuid(2)
int clinux_get_user_ids(uid_t ids[3]);                                            // getresuid(2)
int clinux_get_group_ids(gid_t ids[3]);                                           // getresgid(2)
// getpwnam_r(3), or getpwuid_r(3) without a name: 1 found, 0 there is none
int clinux_find_user(const char *name, uid_t *user, gid_t *group, char *name_found, size_t capacity);
int clinux_find_group(const char *name, gid_t *group);                            // getgrnam_r(3): 1 found, 0 none
int clinux_group_list(const char *user, gid_t group, gid_t *groups, int capacity);  // getgrouplist(3): how many

int clinux_change_root(const char *directory);                                    // chroot(2), chdir(2)
int clinux_set_limit(int resource, uint64_t soft, uint64_t hard);                 // setrlimit(2)
int clinux_get_limit(int resource, uint64_t *soft, uint64_t *hard);               // getrlimit(2)
int clinux_set_dumpable(int dumpable);                                            // prctl(2) PR_SET_DUMPABLE
int clinux_set_no_new_privileges(void);                                           // prctl(2) PR_SET_NO_NEW_PRIVS
// prctl(2) PR_CAPBSET_DROP for every capability that the kernel knows
int clinux_drop_bounding_set(void);
// prctl(2) PR_CAP_AMBIENT_CLEAR_ALL, capset(2) with three empty sets
int clinux_clear_capabilities(void);

int clinux_landlock_version(void);                                                // landlock_create_ruleset(2)
int clinux_landlock_create(uint64_t files, uint64_t network, uint64_t scoped);    // landlock_create_ruleset(2)
int clinux_landlock_allow(int ruleset, uint64_t access, int path);                // landlock_add_rule(2)
int clinux_landlock_restrict(int ruleset);                                        // landlock_restrict_self(2)

// Groups of system calls, for clinux_filter_calls.
#define CLINUX_CALLS_SERVE 1     // connections, files that are there, nameless files, memory, time, signals
#define CLINUX_CALLS_FILES 2     // making, renaming, removing files and waiting for the disk
#define CLINUX_CALLS_THREADS 4   // starting threads
#define CLINUX_CALLS_PROGRAMS 8  // starting programs
#define CLINUX_CALLS_SOCKETS 16  // sockets of its own

// seccomp(2): the groups are allowed, other calls fail with EPERM, those of the kernel's keepers end the process
int clinux_filter_calls(unsigned groups);
// Makes the program of that filter, for this process and those it forks.
void clinux_prepare_filter(unsigned groups);
// seccomp(2): calls that only keepers of a machine make fail with EPERM, all others are allowed
int clinux_refuse_keeper_calls(void);
int clinux_has_system_call_filters(void);                                         // seccomp(2)

#endif
