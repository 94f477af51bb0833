// Rights that a process gives up for good: its root directory, its capabilities, the rights of programs it starts.
internal import CLinux
internal import Glibc
public import SystemPackage

extension CurrentProcess {
    /// Makes a directory the root of all paths and the current directory. Needs CAP_SYS_CHROOT. The C functions are
    /// `chroot` and `chdir`.
    public static func changeRoot(to directory: FilePath) throws(Errno) {
        _ = try checked { unsafe directory.withPlatformString { unsafe clinux_change_root($0) } }
    }

    /// Sets the permissions that new files do not get, 0…0o777. The corresponding C function is `umask`.
    public static func setFileModeMask(_ mask: UInt32) {
        _ = umask(mode_t(mask))
    }

    /// No program that this process starts gets a right that it has not itself, by set-user-id or otherwise. The C
    /// function is `prctl(PR_SET_NO_NEW_PRIVS)`.
    public static func renounceNewPrivileges() throws(Errno) {
        _ = try checked { clinux_set_no_new_privileges() }
    }

    /// Empties the set of capabilities that programs could gain. Without CAP_SETPCAP nothing is done: such a process
    /// could not use the set. The C function is `prctl(PR_CAPBSET_DROP)`.
    public static func dropCapabilityBounds() throws(Errno) {
        do throws(Errno) {
            _ = try checked { clinux_drop_bounding_set() }
        } catch Errno.notPermitted {
            return
        }
    }

    /// Gives up every capability: effective, permitted, inheritable, ambient. The C functions are `prctl` and `capset`.
    public static func clearCapabilities() throws(Errno) {
        _ = try checked { clinux_clear_capabilities() }
    }
}
