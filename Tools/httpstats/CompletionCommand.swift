// The command completion: what a shell needs to complete the others.
import ArgumentParser

struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        subcommand: "completion", abstract: "Prints what a shell needs to complete reports and options.",
        discussion: """
            bash: httpstats completion bash > ~/.local/share/bash-completion/completions/httpstats
            zsh: httpstats completion zsh > DIRECTORY/_httpstats, where DIRECTORY is in $fpath
            fish: httpstats completion fish > ~/.config/fish/completions/httpstats.fish
            """)

    @Argument(help: "bash, zsh or fish.")
    var shell: String

    func run() throws {
        guard ["bash", "zsh", "fish"].contains(shell), let shell = CompletionShell(rawValue: shell) else {
            throw ValidationError("there is no completion for '\(shell)'; there is one for bash, zsh and fish")
        }
        _ = try Output.write(Array((HTTPStats.completionScript(for: shell) + "\n").utf8))
    }
}
