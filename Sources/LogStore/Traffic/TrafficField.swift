// What requests can be counted by.

/// A property of a request that reports list: the requests by path, by client, and so on.
public enum TrafficField: String, Sendable, CaseIterable {
    /// The path of the target, without its query.
    case path
    /// The path with what varies folded: `/user/:id`.
    case template
    /// The address of the client.
    case client
    /// The field Host.
    case host
    /// The field User-Agent, whole.
    case agent
    /// What kind of program the agent is: browser, crawler, AI crawler, tool, monitor, unknown.
    case agentClass = "agent_class"
    /// The name of the program without its version: Firefox, curl, GPTBot.
    case agentFamily = "agent_family"
    /// The field Referer, whole.
    case referer
    /// The site of the referer: its host.
    case site
    /// The status code; without a key: no answer.
    case status
    case method
    /// HTTP/1.1 and so on.
    case `protocol`
    case outcome
    /// The slot of the worker.
    case worker
    /// Paths that were answered with 404.
    case notFound = "not_found"
}
