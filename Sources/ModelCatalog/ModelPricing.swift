public import JSON

/// A model's price list, in one of the shapes that the live catalogue uses (FACTS section 9).
///
/// A shape is understood only when every member of it is: an unknown member may be a surcharge, and "unknown" is a
/// better answer than a number that is too low.
public struct ModelPricing: Hashable, Sendable {
    /// The list as it was given.
    public let rates: JSONObject
    /// Where it is known from.
    public let source: ModelSource
    /// The currency of all amounts.
    public let currency: String
    private let shape: Shape?

    /// The shapes, named after their decisive member.
    private enum Shape: Hashable, Sendable {
        case perVideo, perSecond, perSecondByResolution, perDuration, perResolution, audioToggle, baseAndExtra
        case baseByResolution, proPerSecond, veoPerSecond, baseSecondByResolution, silentPerSecond
    }

    private static let ignored: Set<String> = [
        "currency", "unit", "max_duration", "min_duration", "supported_durations",
    ]
    private static let shapes: [(decisive: String, others: Set<String>, shape: Shape)] = [
        ("per_video", ["fixed_duration_seconds"], .perVideo),
        ("per_second", ["default_duration", "image_input_fee"], .perSecond),
        (
            "per_second_by_resolution", ["default_duration", "default_resolution", "image_input_fee"],
            .perSecondByResolution
        ),
        ("per_duration", ["audio_multiplier"], .perDuration),
        ("per_resolution", ["frame_multiplier", "frame_threshold"], .perResolution),
        ("with_audio", ["without_audio", "fixed_duration_seconds"], .audioToggle),
        ("base_price", ["base_duration", "per_extra_second", "pro_multiplier"], .baseAndExtra),
        (
            "base_prices_by_resolution",
            ["duration_multiplier", "duration_multipliers", "duration_overrides"],
            .baseByResolution
        ),
        ("standard_prices_per_second", ["pro_prices_per_second", "default_duration"], .proPerSecond),
        (
            "text_to_video_per_second",
            [
                "image_to_video_with_audio_per_second", "image_to_video_without_audio_per_second",
                "default_duration",
            ], .veoPerSecond
        ),
        ("base_price_per_second", ["resolution_multipliers", "default_duration"], .baseSecondByResolution),
        ("without_audio_per_second", [], .silentPerSecond),
    ]

    /// Takes a price list.
    ///
    /// - Parameters:
    ///   - rates: The list.
    ///   - source: Where it is known from.
    init(_ rates: JSONObject, source: ModelSource) {
        self.rates = rates
        self.source = source
        currency = rates["currency"]?.stringValue ?? "USD"
        let names = Set(rates.names).subtracting(Self.ignored)
        shape =
            Self.shapes.first { decisive, others, _ in
                names.contains(decisive) && names.subtracting(others) == [decisive]
            }?.shape
    }

    /// Whether the shape is understood, so that requests can have a price.
    public var isUnderstood: Bool { shape != nil }

    /// What a request will cost, as far as the list says; a price of 0 counts as not known.
    ///
    /// - Parameters:
    ///   - request: The body that will be sent.
    ///   - hasImage: Whether it carries an image.
    /// - Returns: The price, or `nil` when it is not known.
    func price(of request: JSONObject, hasImage: Bool) -> CataloguePrice? {
        guard let shape, let amount = amount(shape, request, hasImage), amount > 0, amount < 1e6 else {
            return nil
        }
        return CataloguePrice(micros: Int64((amount * 1_000_000).rounded()), currency: currency)
    }

    // MARK: Shapes

    private func amount(_ shape: Shape, _ request: JSONObject, _ hasImage: Bool) -> Double? {
        switch shape {
        case .perVideo:
            return number("per_video")
        case .perSecond:
            return times(number("per_second"), seconds(request)).map { $0 + fee(hasImage) }
        case .perSecondByResolution:
            return times(rate("per_second_by_resolution", request), seconds(request)).map {
                $0 + fee(hasImage)
            }
        case .perDuration:
            guard let seconds = seconds(request),
                let price = rates["per_duration"]?["\(seconds)"]?.doubleValue
            else {
                return nil
            }
            guard let factor = number("audio_multiplier") else { return price }
            return audio(request).map { $0 ? price * factor : price }
        case .perResolution:
            return perResolution(request)
        case .audioToggle:
            return audio(request).flatMap { number($0 ? "with_audio" : "without_audio") }
        case .baseAndExtra:
            return baseAndExtra(request)
        case .baseByResolution:
            return baseByResolution(request)
        case .proPerSecond:
            guard let pro = (request["pro_mode"] ?? request["pro"])?.boolValue else { return nil }
            let table = pro ? "pro_prices_per_second" : "standard_prices_per_second"
            return times(rate(table, request), seconds(request))
        case .veoPerSecond:
            guard hasImage else { return times(rate("text_to_video_per_second", request), seconds(request)) }
            return audio(request).flatMap { audible in
                times(
                    number("image_to_video_\(audible ? "with" : "without")_audio_per_second"),
                    seconds(request)
                )
            }
        case .baseSecondByResolution:
            return times(
                times(number("base_price_per_second"), rate("resolution_multipliers", request)),
                seconds(request)
            )
        case .silentPerSecond:
            guard audio(request) == false else { return nil }
            return times(number("without_audio_per_second"), seconds(request))
        }
    }

    private func perResolution(_ request: JSONObject) -> Double? {
        guard let price = rate("per_resolution", request) else { return nil }
        guard let threshold = number("frame_threshold"), let factor = number("frame_multiplier") else {
            return price
        }
        return request["num_frames"]?.doubleValue.map { $0 > threshold ? price * factor : price }
    }

    private func baseAndExtra(_ request: JSONObject) -> Double? {
        guard let base = number("base_price") else { return nil }
        if let factor = number("pro_multiplier") {
            return (request["pro"] ?? request["pro_mode"])?.boolValue.map { $0 ? base * factor : base }
        }
        guard let length = number("base_duration"), let extra = number("per_extra_second") else {
            return base
        }
        return seconds(request).map { base + extra * max(0, $0.value - length) }
    }

    private func baseByResolution(_ request: JSONObject) -> Double? {
        guard let base = rate("base_prices_by_resolution", request), let seconds = seconds(request) else {
            return nil
        }
        if let resolution = request["resolution"]?.stringValue,
            let price = rates["duration_overrides"]?["\(seconds)"]?[resolution]?.doubleValue
        {
            return price
        }
        if let factor = rates["duration_multipliers"]?["\(seconds)"]?.doubleValue { return base * factor }
        guard let factor = number("duration_multiplier") else { return nil }
        // The base price is that of the 5 seconds of every such model, the multiplier that of the 10 seconds.
        return seconds.value == 5 ? base : seconds.value == 10 ? base * factor : nil
    }

    // MARK: Parts

    /// A number of seconds that reads like the keys of the price lists: `5`, not `5.0`.
    private struct Seconds: CustomStringConvertible {
        let value: Double
        var description: String { Int(exactly: value).map(String.init) ?? "\(value)" }
    }

    private func number(_ name: String) -> Double? {
        rates[name]?.doubleValue
    }

    private func times(_ left: Double?, _ right: Double?) -> Double? {
        guard let left, let right else { return nil }
        return left * right
    }

    private func times(_ left: Double?, _ right: Seconds?) -> Double? {
        times(left, right?.value)
    }

    private func fee(_ hasImage: Bool) -> Double {
        hasImage ? number("image_input_fee") ?? 0 : 0
    }

    private func seconds(_ request: JSONObject) -> Seconds? {
        if let given = request["duration"] ?? request["seconds"] {
            return SecondsForm.seconds(in: given).map { Seconds(value: Double($0)) }
        }
        return number("default_duration").map { Seconds(value: $0) }
    }

    private func rate(_ table: String, _ request: JSONObject) -> Double? {
        let resolution =
            (request["resolution"] ?? request["target_resolution"] ?? rates["default_resolution"])
        return resolution?.stringValue.flatMap { rates[table]?[$0]?.doubleValue }
    }

    private func audio(_ request: JSONObject) -> Bool? {
        (request["generateAudio"] ?? request["generate_audio"] ?? request["sound"])?.boolValue
    }
}
