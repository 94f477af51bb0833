// nginx as a proxy in front of our servers: a configuration of its own, one process, connections kept upstream.
import LinuxSyscalls
import SystemPackage
import TestSupport
import Testing

/// A proxy that runs until it is let go.
final class Nginx {
    let program: RunningProgram
    let port: UInt16

    /// Starts nginx and waits until it accepts.
    ///
    /// - Parameter upstreams: what a `server` line has behind its address, by port. A failed request is tried at the
    ///   next line.
    convenience init(in directory: TemporaryDirectory, _ upstreams: [(port: UInt16, parameters: String)]) throws {
        try self.init(in: directory, servers: upstreams.map { "127.0.0.1:\($0.port) max_fails=0 \($0.parameters)" })
    }

    /// The same with whole `server` lines.
    init(in directory: TemporaryDirectory, servers: [String]) throws {
        // nginx cannot pick a free port: another program may take this one before nginx does, which then ends.
        for _ in 0..<5 {
            let port = try Nginx.freePort()
            try directory.write(Nginx.configuration(port, servers, directory), to: "nginx/nginx.conf")
            let folder = directory.appending("nginx").string
            let program = try RunningProgram(
                InstalledProgram.path(of: "nginx"), ["-p", folder, "-c", "\(folder)/nginx.conf", "-e", "stderr"])
            let happened = try eventually { try program.collect() != nil || (try? HTTPClient(port: port)) != nil }
            if happened, try program.collect() == nil {
                (self.port, self.program) = (port, program)
                return
            }
            print(TestFailure("it did not start", program))
        }
        throw TestFailure("nginx found no free port")
    }

    func connect() throws -> HTTPClient {
        try HTTPClient(port: port)
    }

    private static func freePort() throws -> UInt16 {
        try ListeningSocket(.ipv4(0x7f00_0001, port: 0), backlog: 1).localAddress().port
    }

    private static func configuration(
        _ port: UInt16, _ servers: [String], _ directory: TemporaryDirectory
    ) -> String {
        let folder = directory.appending("nginx").string
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }
        return """
            daemon off; master_process off; pid \(folder)/pid;
            events { worker_connections 512; }
            http {
                access_log off; default_type application/octet-stream;
                client_max_body_size 0; keepalive_requests 1000000;
                \(temporary.joined(separator: " "))
                upstream servers {
                    \(servers.map { "server \($0);" }.joined(separator: " "))
                    keepalive 8;
                }
                server {
                    listen 127.0.0.1:\(port) backlog=1024;
                    location / {
                        proxy_pass http://servers;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_set_header Host $http_host;
                        proxy_request_buffering off;
                    }
                }
            }

            """
    }
}
