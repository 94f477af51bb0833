// The suite of all tests that run the daemon.
import TestSupport
import Testing

/// All tests that run the daemon, one after another: each wants the machine for itself.
@Suite(.serialized, .keepingEvidence) enum DaemonTests {}
