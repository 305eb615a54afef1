public import JobCore

/// Jobs whose every byte is fixed, for journals and their fixtures.
public enum JobSample {
    /// 2026-01-17T12:00:00Z, when the first sample is made; each further one a second later.
    public static let epoch = Timestamp(milliseconds: 1_768_651_200_000)

    /// Makes a job.
    ///
    /// - Parameters:
    ///   - number: Which, 0 or more; higher numbers have higher identifiers and later times.
    ///   - state: Where it stands.
    ///   - uid: Whose it is.
    ///   - label: Its label.
    ///   - clientKey: Its client key.
    ///   - attempts: What was sent.
    /// - Returns: The job; if its state ends it, it ended half a second after it began.
    public static func job(
        _ number: Int,
        _ state: JobState = .queued(reason: nil),
        uid: UInt32 = 1000,
        label: String? = nil,
        clientKey: String? = nil,
        attempts: [Attempt] = []
    ) -> Job {
        let createdAt = epoch + .seconds(number)
        var random = SplitMix64(seed: UInt64(number))
        var generator = JobID.Generator(after: nil)
        let shown =
            #"{"model":"kling-v21-pro","prompt":"a lighthouse in the rain, \#(number)","duration":"5"}"#
        var job = Job(
            JobSubmission(
                id: generator.next(at: createdAt, using: &random),
                owner: JobOwner(uid: uid, user: uid == 1000 ? "ada" : nil),
                request: JobRequest(
                    model: "kling-v21-pro",
                    shown: shown,
                    body: number % 2 == 0 ? .inline(shown) : .stored(bytes: 100_000 + number),
                    fingerprint: String(repeating: "0123456789abcdef", count: 4)
                ),
                label: label,
                clientKey: clientKey,
                fileName: "{date}-{model}-{id}.mp4",
                origin: "https://nano-gpt.com"
            ),
            createdAt: createdAt
        )
        job.state = state
        job.attempts = attempts
        job.attemptCount = max(1, attempts.count)
        if state.isTerminal {
            job.finishedAt = createdAt + .milliseconds(500)
        }
        return job
    }

    /// Makes an attempt.
    ///
    /// - Parameters:
    ///   - number: Which; decides the UUID and the times.
    ///   - phase: What the provider knows.
    ///   - runID: The provider's name for it; with one come a cost and a time of acceptance.
    /// - Returns: The attempt.
    public static func attempt(_ number: Int, _ phase: Attempt.Phase, runID: String? = nil) -> Attempt {
        var random = SplitMix64(seed: UInt64(number))
        var attempt = Attempt(
            uuid: AttemptUUID(using: &random),
            intendedAt: epoch + .milliseconds(1000 * number + 100)
        )
        attempt.phase = phase
        if let runID {
            attempt.runID = runID
            attempt.acceptedAt = attempt.intendedAt + .milliseconds(250)
            attempt.cost = Cost(charged: Money(micros: 350_000, currency: "USD"), final: false)
        }
        return attempt
    }

    /// A job in every state, with an attempt in every phase among them, oldest first, and a name for each.
    public static var everyState: [(name: String, job: Job)] {
        var jobs: [(String, JobState, [Attempt])] = [
            ("queued", .queued(reason: nil), []),
            ("queued-again", .queued(reason: "the balance did not suffice"), [attempt(1, .refused)]),
            ("submitting", .submitting, [attempt(2, .sending)]),
            ("unconfirmed", .unconfirmed(reason: "the connection broke"), [attempt(3, .unconfirmed(lookUp))]),
            ("in-queue", .inQueue, [attempt(4, .running(Run()), runID: "run_4")]),
            ("in-progress", .inProgress, [attempt(5, .running(started), runID: "run_5")]),
            ("downloading", .downloading(reason: nil), [attempt(6, .delivering(fetching), runID: "run_6")]),
            (
                "publishing", .downloading(reason: "the output directory is full"),
                [attempt(7, .delivering(publishing), runID: "run_7")]
            ),
            ("held", .held(HoldReason(.unconfirmed, "retry or cancel it")), [attempt(8, .lost(lookUp))]),
            (
                "held-overdue", .held(HoldReason(.overdue, "a day")),
                [attempt(9, .running(started), runID: "run_9")]
            ),
            ("completed", .completed, [published(10)]),
            ("failed", .failed(fault), [attempt(11, .rejected)]),
            ("failed-late", .failed(fault), [attempt(12, .failed, runID: "run_12")]),
            ("failed-lost", .failed(fault), [attempt(13, .lost(lookUp)), attempt(113, .rejected)]),
            ("canceled", .canceled(reason: "by its owner"), []),
            ("canceled-by-provider", .canceled(reason: nil), [attempt(15, .canceled, runID: "run_15")]),
            ("discarded", .canceled(reason: "by its owner"), [attempt(16, .discarded, runID: "run_16")]),
        ]
        jobs.append(("retried", .completed, [attempt(17, .abandoned), published(117)]))
        return jobs.enumerated().map { index, entry in
            (
                entry.0,
                job(
                    index,
                    entry.1,
                    uid: index % 3 == 0 ? 1001 : 1000,
                    label: index % 4 == 0 ? "rain/1 ü" : nil,
                    clientKey: index % 2 == 0 ? "key-\(index)" : nil,
                    attempts: entry.2
                )
            )
        }
    }

    private static var lookUp: LookUp {
        var lookUp = LookUp(since: epoch)
        lookUp.absences = 2
        lookUp.candidates = ["run_x", "run_y"]
        return lookUp
    }

    private static var started: Run {
        var run = Run()
        run.started = true
        run.followedMilliseconds = 81_234
        return run
    }

    private static var fetching: Delivery {
        Delivery(urls: ["https://cdn.example/v/1.mp4?sig=a%2Fb&exp=1", "https://cdn.example/v/2.mp4?sig=c"])
    }

    private static var publishing: Delivery {
        var delivery = fetching
        delivery.items[0].staged = StagedVideo(
            bytes: 3_000_000_000,
            sha256: String(repeating: "ab", count: 32),
            fileExtension: "mp4"
        )
        delivery.items[0].name = "2026/01/film-2"
        delivery.items[0].nameAttempts = 1
        delivery.items[0].published = true
        delivery.items[1].rejected = true
        return delivery
    }

    private static func published(_ number: Int) -> Attempt {
        var attempt = attempt(number, .published, runID: "run_\(number)")
        attempt.providerCompletedAt = attempt.intendedAt + .seconds(60)
        attempt.cost?.final = true
        attempt.outputs = [
            JobOutput(
                file: "/srv/videogend/videos/film.mp4",
                bytes: 3_000_000,
                sha256: String(repeating: "cd", count: 32),
                receipt: "/srv/videogend/videos/film.json"
            )
        ]
        return attempt
    }

    private static var fault: JobFault {
        var fault = JobFault(
            .providerContentPolicy,
            "The prompt \"…\" was refused",
            charged: .no,
            retryable: false,
            field: "prompt",
            hint: "say it differently"
        )
        fault.userMessage = "Please rephrase."
        fault.nsfw = false
        fault.httpStatus = 400
        fault.requestID = "req_1"
        return fault
    }
}
