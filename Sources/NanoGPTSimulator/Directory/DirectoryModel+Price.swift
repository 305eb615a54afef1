extension DirectoryModel {
    /// What a request costs, in millionths of a USD.
    ///
    /// - Parameters:
    ///   - request: The body of the submission.
    ///   - standard: The price of a model without known prices, in USD.
    /// - Returns: The price.
    func priceMicros(of request: JSONValue, standard: Double) -> Int64 {
        // A duration may be any number that a client writes; the price stays one that can be charged.
        Int64(min(max(price(of: request) ?? standard, 0), 1e6) * 1_000_000 + 0.5)
    }

    private func price(of request: JSONValue) -> Double? {
        guard let pricing else { return nil }
        let seconds = seconds(of: request)
        let isPro = request["pro_mode"]?.bool ?? request["pro"]?.bool ?? false
        if let price = pricing["per_video"]?.number { return price }
        if let price = pricing["per_second"]?.number { return price * (seconds ?? 8) }
        if let price = pricing["base_price"]?.number {
            let extra = max(0, (seconds ?? 0) - (pricing["base_duration"]?.number ?? 0))
            let factor = isPro ? pricing["pro_multiplier"]?.number ?? 1 : 1
            return price * factor + (pricing["per_extra_second"]?.number ?? 0) * extra
        }
        if let price = amount(in: pricing["per_resolution"], for: request) {
            let frames = request["num_frames"]?.number ?? 0
            let isLong = frames > pricing["frame_threshold"]?.number ?? .infinity
            return isLong ? price * (pricing["frame_multiplier"]?.number ?? 1) : price
        }
        if let price = amount(in: pricing["base_prices_by_resolution"], for: request) {
            let duration = seconds.map { JSONValue.text(of: $0) } ?? ""
            if let override = amount(in: pricing["duration_overrides"]?[duration], for: request) {
                return override
            }
            return (seconds ?? 5) > 5 ? price * (pricing["duration_multiplier"]?.number ?? 1) : price
        }
        if let silent = pricing["without_audio"]?.number, let audible = pricing["with_audio"]?.number {
            return request["generateAudio"]?.bool == true ? audible : silent
        }
        let table = isPro ? pricing["pro_prices_per_second"] : pricing["standard_prices_per_second"]
        if let rate = amount(in: table ?? pricing["text_to_video_per_second"], for: request) {
            return rate * (seconds ?? pricing["default_duration"]?.number ?? 5)
        }
        return nil
    }

    /// The price of the request's resolution, else of the first one in the table.
    private func amount(in table: JSONValue?, for request: JSONValue) -> Double? {
        guard let table else { return nil }
        return request["resolution"]?.string.flatMap { table[$0]?.number }
            ?? table.members.first?.value.number
    }

    private func seconds(of request: JSONValue) -> Double? {
        guard var text = (request["duration"] ?? request["seconds"])?.fieldText else { return nil }
        if text.hasSuffix("s") { text.removeLast() }
        return Double(text)
    }
}
