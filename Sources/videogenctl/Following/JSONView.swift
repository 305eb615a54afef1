/// Prints each change as one JSON object, the job.
struct JSONView: JobView {
    let console: Console

    var tick: Duration? { nil }

    func apply(_ change: JobChange, now: Int64) {
        if case .job(let job) = change {
            console.jsonLine(job.json)
        }
    }

    func draw(now: Int64) {
        console.out.flush()
    }

    func finish(now: Int64) {}
}
