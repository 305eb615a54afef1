import NanoGPTSimulator

/// The long part of `--help`.
enum Manual {
    static var text: String {
        """
        Prints the base URL on the first line of standard output and serves until SIGTERM or SIGINT. Videos come \
        from a second port. Nothing is stored and nothing leaves this machine.

        BEHAVIOURS
          A prompt with [[simulate: NAME]] picks what goes wrong, a comma joins several, = gives a value:
          [[simulate: slow=30, truncated]]. "Of that prompt" counts equal prompts together.

        \(behaviours)

        SCRIPT FILE
          A list of rules, or an object with rules and settings:

            settings: {processing_seconds: 2, submit_per_minute: 0}
            rules:
              - {prompt: "cat", behaviours: "failed"}
              - {model: veo2-video, every: 10, times: 3, behaviours: [slow=20, truncated]}

          prompt (a part of it), model, ordinal (number of the submission) and every must all match. Later rules win
          over earlier ones, and the marker in the prompt wins over all.

        CONTROL
          GET  /__simulator/ledger jobs requests rules settings outage balance behaviours
          POST /__simulator/rules settings outage balance finish reset, DELETE /__simulator/rules

        docs/simulator.md has the details.
        """
    }

    private static var behaviours: String {
        Behaviour.allCases.map { behaviour in
            let name = behaviour.rawValue + (behaviour.valueHint.map { "[=\($0)]" } ?? "")
            return "  \(name)\n      \(behaviour.summary)"
        }
        .joined(separator: "\n")
    }
}
