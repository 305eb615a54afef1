import JSON
import ModelCatalog

/// The provider's list of models: whatever it lists can be shown and asked for.
enum ModelsTarget: FuzzTarget {
    static let name = "models"

    static func run(_ input: [UInt8]) throws {
        guard let value = try? JSONParser.parse(input) else { return }
        guard let builtIn = try? ModelCatalog.builtIn() else { throw FuzzFinding("no catalogue") }
        let merged = builtIn.merging(live: value)
        let entries = (value["data"] ?? value).arrayValue ?? []
        for id in Set(entries.prefix(20).compactMap { $0["id"]?.stringValue }) {
            guard let entry = merged.entry(id) else { continue }
            let text = entry.description.text
            guard (try? JSONParser.parse(text)) != nil else { throw FuzzFinding("\(id) cannot be shown") }
            var request = JSONObject()
            request["model"] = .string(id)
            request["prompt"] = "x"
            for field in entry.fields {
                request[field.name] = field.defaultValue ?? "x"
            }
            _ = merged.validate(request, options: ValidationOptions())
        }
    }
}
