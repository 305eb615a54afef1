import ArgumentParser

/// What a job is made of, for `submit` and `check`.
struct RequestOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The model; `videogenctl models` lists them.", valueName: "id"),
        completion: .custom(Completions.models)
    )
    var model: String?

    @Option(help: ArgumentHelp("A picture to start from.", valueName: "file|url"), completion: .file())
    var image: String?

    @Option(help: ArgumentHelp("A video to work on.", valueName: "file|url"), completion: .file())
    var video: String?

    @Option(help: ArgumentHelp("Sound to work with.", valueName: "file|url"), completion: .file())
    var audio: String?

    @Option(help: ArgumentHelp("The face for a face swap.", valueName: "file|url"), completion: .file())
    var swapImage: String?

    @Option(
        help: ArgumentHelp("A picture that guides the result.", valueName: "file|url"),
        completion: .file()
    )
    var referenceImage: String?

    @Option(
        name: .customLong("set"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "A further field of the request, for example duration=5; again for each.",
            discussion: """
                Numbers, true, false, null, [..] and {..} are taken as JSON; a value in double quotes as just \
                that text; @FILE sends a media file inline.
                """,
            valueName: "key=value"
        )
    )
    var settings: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("A word to find the job by.", valueName: "text"))
    var label: String?

    @Option(
        help: ArgumentHelp(
            "The same key with the same request is the same job, however often it is sent.",
            valueName: "text"
        )
    )
    var key: String?

    @Option(
        help: ArgumentHelp(
            "A name for the video instead of the daemon's template; {id}, {model}, {label}, {date} are filled in.",
            valueName: "template"
        )
    )
    var fileName: String?

    @Flag(help: "Let fields pass that the model is not known to take.")
    var allowUnknown = false

    @Option(help: ArgumentHelp("Read the prompt from a file.", valueName: "file"), completion: .file())
    var promptFile: String?

    @Option(
        help: ArgumentHelp(
            "Submit one job for each line of a file; - is standard input.",
            discussion: """
                A line is a request such as {"model": "kling-video", "prompt": "A storm"}, or {"request": {..}, \
                "label": .., "client_key": .., "file_name": ..}.
                """,
            valueName: "file.jsonl"
        ),
        completion: .file(extensions: ["jsonl"])
    )
    var batch: String?

    @Option(
        help: ArgumentHelp(
            "Where --batch notes what became of each line; FILE.results.jsonl without it.",
            valueName: "file"
        ),
        completion: .file()
    )
    var results: String?

    @Argument(help: "What the video shows; - reads it from standard input.")
    var prompt: String?

    /// What follows a prompt that was not put in quotes; taken only to say so.
    @Argument(help: .hidden)
    var furtherWords: [String] = []

    /// The media options that were given.
    var media: [(option: MediaOption, text: String)] {
        let all = [
            (MediaOption.image, image), (.video, video), (.audio, audio), (.swapImage, swapImage),
            (.referenceImage, referenceImage),
        ]
        return all.compactMap { option, text in text.map { (option, $0) } }
    }

    func validate() throws {
        guard furtherWords.isEmpty else {
            let words = TerminalText.oneLine(([prompt ?? ""] + furtherWords).joined(separator: " "))
            throw ValidationError("Put a prompt of several words in quotes: \"\(words)\"")
        }
        if batch != nil {
            guard prompt == nil, promptFile == nil, media.isEmpty else {
                throw ValidationError("With --batch the prompts and media are in the file.")
            }
            return
        }
        guard results == nil else { throw ValidationError("--results needs --batch.") }
        guard model != nil else {
            throw ValidationError("Say which model to use: --model ID. `videogenctl models` lists them.")
        }
        guard prompt == nil || promptFile == nil else {
            throw ValidationError("Give the prompt or --prompt-file, not both.")
        }
    }
}
